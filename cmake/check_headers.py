#!/usr/bin/env python3
"""Checks the public headers: check_headers.py ROOT [--fix] [--compile GENERATED_INCLUDE_DIR [--seconds]]

Each begins with #pragma once and opens no namespace to its includer, voicebridge.hpp includes them all (--fix writes
it); with --compile: each compiles alone as C++17, in less time than the whole standard library does (--seconds prints
the slowest), all of them together as C++20, and what voicebridge.hpp brings along is the standard library and
tl/expected.hpp. Prints one line a fault; exits 1 when there is one.
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
# All of the standard library, a measure that is as fast or as slow as the machine.
STANDARD_LIBRARY = "bits/stdc++.h"
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


def names_of(root, headers):
    return [header.relative_to(root / "include").as_posix() for header in headers]


def including(names):
    return [word for name in names for word in ("-include", name)]


def compile_names(root, names, generated, standard):
    """What the compiler says, or None, and the processor time it took."""
    command = compiler(root, generated, standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *including(names))
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return said.read() if process.returncode else None, usage.ru_utime + usage.ru_stime


def fault_of_compiling(root, names, generated, standard):
    said, seconds = compile_names(root, names, generated, standard)
    if said is not None:
        what = f"{names[0]} does not compile alone" if len(names) == 1 else "the headers do not compile together"
        return f"{what} as C++{standard}:\n{said}", seconds
    # voicebridge.hpp is all of them, for who would rather wait for the compiler than look for a name.
    if len(names) > 1 or names[0].endswith("/" + UMBRELLA):
        return None, 0
    return None, seconds


def fault_of_time(root, name, seconds, arguments):
    """Asked of the slowest only."""
    allowed = compile_names(root, [arguments.yardstick], arguments.compile, 17)[1]
    if seconds > allowed:
        seconds = compile_names(root, [name], arguments.compile, 17)[1]
    if seconds > allowed:
        return f"{name} takes {seconds:.2f} s to compile alone, longer than <{arguments.yardstick}>, which takes {allowed:.2f}"
    return None


def files_of(command):
    done = subprocess.run([*command[:-3], "-M", *command[-3:]], capture_output=True, text=True, check=True)
    return {os.path.realpath(word) for word in done.stdout.replace("\\\n", " ").split()[1:]}


def faults_of_company(root, generated):
    """What voicebridge.hpp brings along that is neither ours nor the standard library's."""
    brought = files_of(compiler(root, generated, 17, *including([f"voicebridge/{UMBRELLA}"])))
    standard = files_of(compiler(root, generated, 17, *including([STANDARD_LIBRARY])))
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
        yield from faults_of_compilers(root, names_of(root, headers), arguments)


def faults_of_compilers(root, names, arguments):
    generated = arguments.compile
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        together = pool.submit(fault_of_compiling, root, names, generated, 20)
        done = list(pool.map(lambda name: fault_of_compiling(root, [name], generated, 17), names))
    for fault, _ in [*done, together.result()]:
        if fault:
            yield fault
    slowest = sorted(((seconds, name) for (_, seconds), name in zip(done, names)), reverse=True)
    if arguments.seconds:
        print("".join(f"{seconds:.2f} s {name}\n" for seconds, name in slowest[:5]), end="")
    fault = fault_of_time(root, slowest[0][1], slowest[0][0], arguments)
    if fault:
        yield fault
    yield from faults_of_company(root, generated)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("--compile", metavar="GENERATED_INCLUDE_DIR")
    parser.add_argument("--seconds", action="store_true")
    parser.add_argument("--yardstick", metavar="HEADER", default=STANDARD_LIBRARY, help="none may take longer to compile")
    arguments = parser.parse_args()
    found = list(faults(arguments.root, arguments))
    print("\n".join(found) if found else "headers: every public header is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
