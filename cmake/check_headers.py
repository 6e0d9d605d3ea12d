#!/usr/bin/env python3
"""Checks the public headers: check_headers.py ROOT [--fix] [--compile GENERATED_INCLUDE_DIR]

Each begins with #pragma once and opens no namespace to its includer, voicebridge.hpp includes them all (--fix writes
it), each compiles alone as C++17, and all of them together as C++20 (--compile). Prints one line a fault; exits 1 when
there is one.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

UMBRELLA = "voicebridge.hpp"
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


def fault_of_compiling(root, headers, generated, standard):
    names = [header.relative_to(root / "include").as_posix() for header in headers]
    command = [os.environ.get("CXX", "c++"), f"-std=c++{standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
               "-I", str(root / "include"), "-I", generated, "-x", "c++", "-"]
    text = "".join(f'#include "{name}"\n' for name in names)
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    what = f"{names[0]} does not compile alone" if len(names) == 1 else "the headers do not compile together"
    return None if done.returncode == 0 else f"{what} as C++{standard}:\n{done.stderr}"


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
            yield from filter(None, (job.result() for job in jobs))


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
