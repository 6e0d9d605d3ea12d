#!/usr/bin/env python3
"""Checks the public headers: check_headers.py ROOT [--fix] [--compile GENERATED_INCLUDE_DIR [--seconds]]

Each begins with #pragma once and opens no namespace to its includer, voicebridge.hpp includes them all (--fix writes
it); with --compile: each compiles alone as C++17 and costs the compiler less than the whole standard library does, all
of them together compile as C++20, and what voicebridge.hpp brings along is the standard library and tl/expected.hpp.
The cost is what GCC says that it allocates: the same in every run, while its seconds are half as many again when the
machine has something else to do. --seconds prints both of the dearest. Prints one line a fault; exits 1 when there is
one.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

UMBRELLA = "voicebridge.hpp"
# All of the standard library, a measure that grows with the compiler.
STANDARD_LIBRARY = "bits/stdc++.h"
# So many are measured.
DEAREST = 4
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


class Cost(typing.NamedTuple):
    bytes: float  # what GCC allocates
    seconds: float


# Of GCC's -ftime-report, last on its line.
TOTAL = re.compile(r"^ TOTAL .*?([0-9.]+)([kMG]?)$", re.MULTILINE)
UNITS = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def compile_names(root, names, generated, standard, *arguments):
    """What the compiler says, whether it succeeds, and the memory and processor time it took."""
    command = compiler(root, generated, standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *arguments,
                       *including(names))
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    return text, process.returncode == 0, usage


def cost_of(root, name, generated):
    """Nothing unless the compiler is GCC. Takes twice the time of a plain compilation."""
    said, _, usage = compile_names(root, [name], generated, 17, "-ftime-report")
    total = TOTAL.search(said)
    return total and Cost(float(total[1]) * UNITS[total[2]], usage.ru_utime + usage.ru_stime)


def fault_of_compiling(root, names, generated, standard):
    """And the memory it took, by which the dearest are found: near to the Cost, and had for nothing."""
    said, compiles, usage = compile_names(root, names, generated, standard)
    if compiles:
        return None, usage.ru_maxrss
    what = f"{names[0]} does not compile alone" if len(names) == 1 else "the headers do not compile together"
    return f"{what} as C++{standard}:\n{said}", 0


def fault_of_cost(root, names, arguments):
    if not names:
        return None
    costs = {name: cost_of(root, name, arguments.compile) for name in [arguments.yardstick, *names]}
    allowed = costs.pop(arguments.yardstick)
    if allowed is None or None in costs.values():
        return "what a header costs is told by GCC only: set CXX=g++"
    dearest = sorted(((cost, name) for name, cost in costs.items()), reverse=True)
    if arguments.seconds:
        print("".join(f"{cost.bytes / (1 << 20):.0f} MiB {cost.seconds:.2f} s {name}\n"
                      for cost, name in [(allowed, arguments.yardstick), *dearest]), end="")
    cost, name = dearest[0]
    if cost.bytes <= allowed.bytes:
        return None
    return (f"{name} costs the compiler {cost.bytes / (1 << 20):.0f} MiB, more than <{arguments.yardstick}>, which costs "
            f"{allowed.bytes / (1 << 20):.0f}")


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
    # voicebridge.hpp is all of them, for who would rather wait for the compiler than look for a name.
    memory = sorted((used, name) for name, (fault, used) in zip(names, done)
                    if not fault and not name.endswith("/" + UMBRELLA))
    fault = fault_of_cost(root, [name for _, name in memory[-DEAREST:]], arguments)
    if fault:
        yield fault
    yield from faults_of_company(root, generated)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("--compile", metavar="GENERATED_INCLUDE_DIR")
    parser.add_argument("--seconds", action="store_true")
    parser.add_argument("--yardstick", metavar="HEADER", default=STANDARD_LIBRARY, help="none may cost the compiler more")
    arguments = parser.parse_args()
    found = list(faults(arguments.root, arguments))
    print("\n".join(found) if found else "headers: every public header is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
