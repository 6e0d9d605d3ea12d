#!/usr/bin/env python3
"""Checks what shared libraries export: check_symbols.py LIBRARY…

Only names of namespace voicebridge may leave a library of ours, and of it only those in its inline namespace
(VOICEBRIDGE_ABI): anything else could take the place of the same symbol in the program that loads it, or be replaced
by one. Exits 1 when there is another.
"""
import re
import subprocess
import sys

# Itanium C++ ABI: (member of | type information of | thunk to | guard of a static in) voicebridge::v0_1::
OWN = re.compile(r"^_Z(GV)?(Z*N[KVRO]*|T[ISVTC]N|T[hvc][n0-9_hv]*_N[KVRO]*)11voicebridge[0-9]+v[0-9]+_[0-9]+")
# The linker's own.
LINKER = {"_init", "_fini", "_edata", "_end", "__bss_start"}


def exported(library):
    done = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library],
                          capture_output=True, text=True, check=True)
    # "name@@version type value size"; of type A is the name of a version itself.
    symbols = [line.split() for line in done.stdout.splitlines() if line.strip()]
    return [words[0].split("@")[0] for words in symbols if words[1] != "A"]


def readable(symbols):
    return subprocess.run(["c++filt"], input="\n".join(symbols), capture_output=True, text=True,
                          check=True).stdout.splitlines()


def main():
    failed = not sys.argv[1:]
    for library in sys.argv[1:]:
        symbols = exported(library)
        own = [s for s in symbols if OWN.match(s)]
        foreign = [s for s in symbols if not OWN.match(s) and s not in LINKER]
        if not own:
            print(f"{library}: exports nothing of voicebridge")
        for name in readable(foreign):
            print(f"{library}: exports {name}")
        failed = failed or bool(foreign) or not own
    if not failed:
        print("symbols: nothing but voicebridge is exported")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
