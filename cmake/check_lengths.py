#!/usr/bin/env python3
"""Reports long files and functions: check_lengths.py ROOT

Beyond 400 lines a file, and beyond 60 lines a function, does a second thing. A report, not a verdict: exits 0.
Relies on the form that clang-format gives: what a line opens, a brace in the same column closes.
"""
import pathlib
import re
import sys

FILE_LIMIT = 400
FUNCTION_LIMIT = 60
FOLDERS = ("include", "src", "examples", "tests", "bench", "cmake", "scripts")
SUFFIXES = {".hpp", ".cpp", ".py", ".sh", ".cmake", ".js"}
NO_FUNCTION = re.compile(r"\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|do|else|TEST_CASE|SECTION)\b")


def first_line(lines, last):
    """The index of the line where the signature that ends at `last` begins."""
    open_brackets = 0
    for index in range(last, -1, -1):
        open_brackets += lines[index].count(")") - lines[index].count("(")
        of_initializers = lines[index].lstrip().startswith(":") or index > 0 and lines[index - 1].endswith(",")
        if open_brackets <= 0 and not of_initializers:
            return index
    return last


def long_functions(lines):
    """(line number, length) of each function that is too long."""
    begin = None
    for number, line in enumerate(lines):
        if begin is None and line.endswith("{") and ")" in line:
            first = first_line(lines, number)
            if not NO_FUNCTION.match(lines[first]):
                begin, indent = first, len(lines[first]) - len(lines[first].lstrip())
        elif begin is not None and line.startswith(" " * indent + "}"):
            if number - begin + 1 > FUNCTION_LIMIT:
                yield begin + 1, number - begin + 1
            begin = None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SUFFIXES or {"data", "node_modules"} & set(file.parts):
                continue
            lines = file.read_text(encoding="utf-8").splitlines()
            if len(lines) > FILE_LIMIT:
                print(f"warning: {file.relative_to(root)} has {len(lines)} lines")
            if file.suffix in {".hpp", ".cpp"} and folder in ("include", "src", "examples"):
                for begin, length in long_functions(lines):
                    print(f"warning: {file.relative_to(root)}:{begin}: a function of {length} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
