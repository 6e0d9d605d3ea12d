#!/usr/bin/env python3
"""Checks README and docs: blocks of code compile, parse and run; links lead somewhere; tables are complete.

usage: check_docs.py ROOT [--include FOLDER]… [--build FOLDER]

--include: where generated headers and those of dependencies are, for C++. --build: where the programs are that blocks run;
without it none is run. The compiler is CXX, else c++. The hints before a block are told in CONTRIBUTING.md.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import docs_pages as pages
import docs_shell as shell

LANGUAGES = {"cpp", "cmake", "json", "js", "sh", "text"}
VARIABLE = re.compile(r"\b(?:VOICEBRIDGE|OPENAI|TELNYX|TWILIO|SUPABASE|REALTIME|LEAD)_[A-Z][A-Z0-9_]*\b")
# Macros of the headers and options of scripts, which are no variables of the server.
SOURCES_OF_NAMES = ["CMakeLists.txt", "CMakePresets.json", "cmake/*.cmake", "cmake/*.in", "tests/**/CMakeLists.txt", "scripts/*.sh",
                    "include/voicebridge/export.hpp", "deploy/*"]


def all_blocks(root):
    for file in pages.page_files(root):
        yield from pages.blocks_of(str(file.relative_to(root)), file.read_text(encoding="utf-8"))


def known_variables(root):
    example = root / ".env.example"
    names = set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example.read_text(encoding="utf-8"), re.M)) if example.exists() else set()
    for pattern in SOURCES_OF_NAMES:
        for file in root.glob(pattern):
            if file.is_file():
                names |= set(re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", file.read_text(encoding="utf-8")))
    return names


# --- C++

def cpp_source(block):
    """The block as declarations: itself, or put where its hint says `$block`."""
    text = block.text
    includes = re.findall(r"^ *#include .*$", text, re.M)
    text = re.sub(r"^ *#include .*$", "", text, flags=re.M)
    if block.hint == "cpp":
        before, placed, after = block.hint_text.partition("$block")
        if not placed:
            before, after = block.hint_text + "\n", ""
        text = f'{before}\n#line {block.line + 1} "{block.page}"\n{text}\n{after}'
    else:
        text = f'#line {block.line + 1} "{block.page}"\n{text}'
    return includes, text


def check_cpp(blocks, root, include):
    """All blocks in one run of the compiler, each in a namespace of its own."""
    includes, bodies, faults = [], [], []
    for number, block in enumerate(blocks):
        if block.hint == "file":
            file = root / block.hint_text
            if not file.exists() or block.text.strip() != file.read_text(encoding="utf-8").strip():
                faults.append(f"{block.place()} is not what {block.hint_text} is")
            continue
        own, text = cpp_source(block)
        includes += own
        bodies.append(f"namespace block_{number} {{\n{text}\n}}\n")
    if not bodies:
        return faults
    umbrella = ["#include <voicebridge/voicebridge.hpp>"]
    umbrella += [f"#include <{file.relative_to(root / 'include')}>" for file in sorted(root.glob("include/voicebridge/testing/*.hpp"))]
    source = "\n".join([*umbrella, *includes, "using namespace voicebridge;", *bodies])
    folders = [f"-I{root / 'include'}", *(f"-I{folder}" for folder in include)]
    command = [os.environ.get("CXX", "c++"), "-std=c++17", "-fsyntax-only", "-Werror=return-type", *folders, "-x", "c++", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, cwd=root)
    if done.returncode != 0:
        faults += re.findall(r"^.*error: .*$", done.stderr, re.M) or [done.stderr]
    return faults


# --- the other languages

def check_json(block):
    for text in (block.text, "{" + block.text + "}"):  # A member may stand alone.
        try:
            json.loads(text)
            return []
        except json.JSONDecodeError as error:
            fault = error
    return [f"is no JSON: {fault}"]


# Commands that a script may not use, so that the form is all that counts.
CMAKE_STUBS = "".join(f"function({name})\nendfunction()\n" for name in (
    "add_executable", "add_library", "add_subdirectory", "find_package", "project", "target_link_libraries", "FetchContent_Declare",
    "FetchContent_MakeAvailable", "include"))


def check_cmake(block):
    with tempfile.NamedTemporaryFile("w", suffix=".cmake") as script:
        script.write(CMAKE_STUBS + block.text)
        script.flush()
        done = subprocess.run(["cmake", "-P", script.name], capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"is no CMake: {done.stderr.strip()}"]


def check_blocks(root, include, build):
    faults, cpp = [], []
    shell_check = shell.ShellCheck(root, known_variables(root))
    for block in all_blocks(root):
        found = []
        if block.language not in LANGUAGES:
            found = [f"has the language '{block.language}'; there are {', '.join(sorted(LANGUAGES))}"]
        elif block.language == "cpp":
            cpp.append(block)
        elif block.language == "json":
            found = check_json(block)
        elif block.language == "cmake":
            found = check_cmake(block)
        elif block.language == "sh":
            found = shell_check.faults(block)
            if build and block.hint == "run" and not found:
                fault = shell.run_block(root, block, build)
                found = [fault] if fault else []
        faults += [f"{block.place()} {fault}" for fault in found]
    return faults + check_cpp(cpp, root, include)


# --- pages

def check_links(root):
    faults, reached = [], set()
    for file in pages.page_files(root):
        page = str(file.relative_to(root))
        for line, target in pages.links_of(file.read_text(encoding="utf-8")):
            fault = pages.link_fault(root, page, target)
            if fault:
                faults.append(f"{page}:{line} {fault}")
            elif not re.match(r"[a-z]+:|#", target):
                reached.add((file.parent / target.partition("#")[0]).resolve())
    for file in (root / "docs").glob("*.md"):
        if file.resolve() not in reached:
            faults.append(f"{file.relative_to(root)} is reached by no page")
    return faults


def check_variables(root):
    names, faults = known_variables(root), []
    for file in pages.page_files(root):
        if file.name == "CHANGELOG.md":  # It tells of what was, too.
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
            faults += [f"{file.relative_to(root)}:{number} there is no variable {name}"
                       for name in VARIABLE.findall(line) if name not in names]
    return faults


def public_classes(root):
    """Their names without `voicebridge::`."""
    pattern = re.compile(r"^(?:template <[^\n]*>\n)?class (?:VOICEBRIDGE_API )?(\w+)[^;{]*\{", re.M)
    names = set()
    for file in root.glob("include/voicebridge/**/*.hpp"):
        text = file.read_text(encoding="utf-8")
        inner = re.search(r"^inline namespace VOICEBRIDGE_ABI \{\nnamespace (\w+)", text, re.M)
        names |= {f"{inner.group(1)}::{name}" if inner else name for name in pattern.findall(text)}
    return names


def check_threads(root):
    """Every public class has a row in docs/threading.md, and every row a class."""
    rows = [row[0].strip("`") for row in pages.table_rows(pages.read(root, "docs/threading.md")) if row[0].startswith("`")]
    classes = public_classes(root)
    return ([f"docs/threading.md does not say on which threads {name} may be used" for name in sorted(classes - set(rows))] +
            [f"docs/threading.md tells of {name}, which is no public class" for name in sorted(set(rows) - classes)])


def check_errors(root):
    """Every code of `Errc` stands in the table of docs/errors.md, and no other."""
    codes = set(re.findall(r"^  (\w+)(?: = \d+)?,", pages.read(root, "include/voicebridge/core/error.hpp"), re.M))
    rows = {row[0].strip("`") for row in pages.table_rows(pages.read(root, "docs/errors.md")) if row[0].startswith("`")}
    return ([f"docs/errors.md does not tell of {code}" for code in sorted(codes - rows)] +
            [f"docs/errors.md tells of {code}, which is no code" for code in sorted(rows - codes)])


def check_limits(root):
    """A row of docs/limits.md ends with a link to the file that has the limit; the code that the row quotes stands there."""
    faults = []
    for row in pages.table_rows(pages.read(root, "docs/limits.md")):
        where = re.search(r"\]\(\.\./([^)#]+)\)", row[-1])
        if not where:
            continue
        text = re.sub(r"\s+", " ", pages.read(root, where.group(1)))
        for code in re.findall(r"`([^`]+)`", row[-1].partition("](")[0]):
            if code not in text:
                faults.append(f"docs/limits.md: {where.group(1)} does not say {code}")
    return faults


def check_llms(root):
    """llms.txt leads to every page, and nowhere else."""
    text = pages.read(root, "llms.txt")
    linked = {target for _, target in pages.links_of(text)}
    faults = [f"llms.txt: {fault}" for target in sorted(linked) if (fault := pages.link_fault(root, "llms.txt", target))]
    for file in sorted((root / "docs").glob("*.md")):
        if str(file.relative_to(root)) not in linked:
            faults.append(f"llms.txt does not name {file.relative_to(root)}")
    return faults


def arguments_of(words):
    include, build = [], None
    while words:
        word = words.pop(0)
        if word == "--include":
            include += [folder for folder in words.pop(0).split(";") if folder]
        elif word == "--build":
            build = pathlib.Path(words.pop(0)).resolve()
        else:
            sys.exit(f"check_docs: no option '{word}'")
    return include, build


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    include, build = arguments_of(sys.argv[2:])
    faults = check_blocks(root, include, build)
    for check in (check_links, check_variables, check_threads, check_errors, check_limits, check_llms):
        faults += check(root)
    for fault in faults:
        print(fault)
    if not faults:
        print("docs: everything is in order")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
