#!/usr/bin/env python3
"""Checks the public headers: check_headers.py ROOT [--fix] [--compile GENERATED_INCLUDE_DIR]

Each begins with #pragma once and opens no namespace to its includer, voicebridge.hpp includes them all (--fix writes
it), each compiles alone as C++17, within a second of processor time, and all of them together as C++20 (--compile);
what voicebridge.hpp brings along is the standard library and tl/expected.hpp. Prints one line a fault; exits 1 when
there is one.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

UMBRELLA = "voicebridge.hpp"
MAX_SECONDS = 1.0
UMBRELLA_HEAD = """#pragma once

/// All of voicebridge, except the simulators. Each header can also be included alone.

"""


def public_headers(root):
    return sorted((root / "include" / "voicebridge").rglob("*.hpp"))


def fault_of_form(header):
    code = [line for line in header.read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.lstrip().startswith("//")]
    if not code or code[0].strip() != "#pragma once":
        return "must begin with #pragma once"
    if any(re.match(r"\s*using\s+namespace\b", line) for line in code):
        return "opens a namespace to everybody who includes it"
    return None


def umbrella_text(root):
    base = root / "include"
    names = [h.relative_to(base).as_posix() for h in public_headers(root)]
    names = [n for n in names if not n.startswith("voicebridge/testing/") and n != f"voicebridge/{UMBRELLA}"]
    names = sorted(names + ["voicebridge/version.hpp"])
    return UMBRELLA_HEAD + "".join(f'#include "{name}"\n' for name in names)


def fault_of_umbrella(root, fix):
    umbrella = root / "include" / "voicebridge" / UMBRELLA
    wanted = umbrella_text(root)
    if umbrella.is_file() and umbrella.read_text(encoding="utf-8") == wanted:
        return None
    if fix:
        umbrella.write_text(wanted, encoding="utf-8")
        return None
    return f"{umbrella}: does not list the public headers; run scripts/lint.sh --fix"


def compiler(root, generated, standard, *arguments):
    return [os.environ.get("CXX", "c++"), f"-std=c++{standard}", "-I", str(root / "include"), "-I", generated,
            *arguments, "-x", "c++", os.devnull]


def includes(root, headers):
    return [word for header in headers for word in ("-include", header.relative_to(root / "include").as_posix())]


def compile_headers(root, headers, generated, standard):
    """What the compiler says, or None, and the processor time it took, which no other process can lengthen much."""
    command = compiler(root, generated, standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *includes(root, headers))
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return said.read() if process.returncode else None, usage.ru_utime + usage.ru_stime


def fault_of_compiling(root, headers, generated, standard):
    said, seconds = compile_headers(root, headers, generated, standard)
    name = headers[0].relative_to(root / "include").as_posix()
    if said is not None:
        what = f"{name} does not compile alone" if len(headers) == 1 else "the headers do not compile together"
        return f"{what} as C++{standard}:\n{said}"
    # voicebridge.hpp is all of them, and is for who would rather wait for the compiler than look for a name.
    if len(headers) > 1 or headers[0].name == UMBRELLA or seconds <= MAX_SECONDS:
        return None
    # Two compilers on one core take longer than one.
    seconds = min(compile_headers(root, headers, generated, standard)[1] for _ in range(2))
    return f"{name} takes {seconds:.2f} s to compile alone; {MAX_SECONDS} are allowed" if seconds > MAX_SECONDS else None


def files_of(command):
    done = subprocess.run([*command[:-3], "-M", *command[-3:]], capture_output=True, text=True, check=True)
    return {os.path.realpath(word) for word in done.stdout.replace("\\\n", " ").split()[1:]}


def faults_of_company(root, generated):
    """What voicebridge.hpp brings along that is neither ours nor the standard library's."""
    umbrella = includes(root, [root / "include" / "voicebridge" / UMBRELLA])
    brought = files_of(compiler(root, generated, 17, *umbrella))
    standard = files_of(compiler(root, generated, 17, "-include", "bits/stdc++.h"))
    own = (os.path.realpath(root / "include") + os.sep, os.path.realpath(generated) + os.sep)
    for name in sorted(brought - standard):
        if not name.startswith(own) and not name.endswith("/tl/expected.hpp"):
            yield f"{UMBRELLA} brings along {name}, which is neither the standard library's nor tl/expected.hpp"


def faults(root, arguments):
    headers = public_headers(root)
    if not headers:
        yield f"{root}: no public headers"
    for header in headers:
        fault = fault_of_form(header)
        if fault:
            yield f"{header}: {fault}"
    fault = fault_of_umbrella(root, arguments.fix)
    if fault:
        yield fault
    if arguments.compile:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(fault_of_compiling, root, [header], arguments.compile, 17) for header in headers]
            jobs.append(pool.submit(fault_of_compiling, root, headers, arguments.compile, 20))
            yield from filter(None, [job.result() for job in jobs])
        yield from faults_of_company(root, arguments.compile)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("--compile", metavar="GENERATED_INCLUDE_DIR")
    arguments = parser.parse_args()
    found = list(faults(arguments.root, arguments))
    print("\n".join(found) if found else "headers: every public header is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
