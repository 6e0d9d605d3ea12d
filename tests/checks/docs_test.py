#!/usr/bin/env python3
"""Shows the check of the documentation a small tree that is in order, then the same tree with one fault.

usage: docs_test.py FOLDER_OF_THE_CHECKS
"""
import unittest

import tree_test

GOOD_TREE = {
    "README.md": "# Small\n\nRead [threads](docs/threading.md#every-class), [errors](docs/errors.md), [limits](docs/limits.md).\n",
    "llms.txt": "[Threads](docs/threading.md) [errors](docs/errors.md) [limits](docs/limits.md)\n",
    ".env.example": "#VOICEBRIDGE_LOG=info\n",
    "scripts/demo.sh": "#!/bin/sh\n# --json\n",
    "include/voicebridge/voicebridge.hpp": '#pragma once\n#include "voicebridge/core/error.hpp"\n#include "voicebridge/net/door.hpp"\n',
    "include/voicebridge/core/error.hpp":
        "#pragma once\nnamespace voicebridge {\nenum class Errc {\n  cancelled = 1,\n  conflict,\n};\n}\n",
    "include/voicebridge/net/door.hpp":
        "#pragma once\nnamespace voicebridge {\nclass Door {\n public:\n  void open() {}\n  int most = 7;\n};\n}\n",
    "docs/threading.md": "# Threads\n\n## Every class\n\n| class | safe |\n|---|---|\n| `Door` | yes |\n",
    "docs/errors.md": "# Errors\n\n| code | means |\n|---|---|\n| `cancelled` | stopped |\n| `conflict` | its state |\n",
    "docs/limits.md": "# Limits\n\n| | limit | where |\n|---|---|---|\n| doors | 7 | [`most = 7`](../include/voicebridge/net/door.hpp) |\n",
}


class Docs(tree_test.TreeTest):
    good_tree = GOOD_TREE

    def add(self, text, path="README.md"):
        self.write(path, GOOD_TREE[path] + text)

    def passes(self, *arguments):
        self.assert_passes("check_docs.py", self.root, *arguments)

    def fails(self, words, *arguments):
        self.assert_fails(words, "check_docs.py", self.root, *arguments)

    def test_a_tree_in_order_passes(self):
        self.passes()

    def test_a_block_without_a_language(self):
        self.add("\n```\nls\n```\n")
        self.fails("README.md:5 has the language ''")

    def test_cpp_that_stands_alone(self):
        self.add("\n```cpp\n#include <string>\nstd::string f(Door& door) {\n  door.open();\n  return {};\n}\n```\n")
        self.passes()

    def test_cpp_that_does_not_compile(self):
        self.add("\n```cpp\nvoid f(Door& door) {\n  door.close();\n}\n```\n")
        self.fails("README.md:7:")

    def test_cpp_that_is_put_into_a_place(self):
        self.add("\n<!-- cpp: void f(Door& door) { $block } -->\n```cpp\ndoor.open();\n```\n")
        self.passes()

    def test_a_fault_in_such_a_place_is_told_by_its_line(self):
        self.add("\n<!-- cpp: void f(Door& door) {\n$block } -->\n\n```cpp\ndoor.open();\ndoor.close();\n```\n")
        self.fails("README.md:10:")

    def test_a_block_that_is_a_file(self):
        self.write("examples/a.cpp", "int a;\n")
        self.add("\n<!-- file: examples/a.cpp -->\n```cpp\nint a;\n```\n")
        self.passes()
        self.write("examples/a.cpp", "int b;\n")
        self.fails("README.md:6 is not what examples/a.cpp is")

    def test_json(self):
        self.add('\n```json\n"a": [1]\n```\n')  # A member alone.
        self.passes()
        self.add('\n```json\n{"a": [1,]}\n```\n')
        self.fails("README.md:5 is no JSON")

    def test_cmake(self):
        self.add("\n```cmake\nfind_package(voicebridge REQUIRED)\n```\n")
        self.passes()
        self.add("\n```cmake\nfind_package(voicebridge\n```\n")
        self.fails("README.md:5 is no CMake")

    def shell(self, line, hint="run"):
        self.add(f"\n<!-- {hint} -->\n```sh\n{line}\n```\n")

    def test_shell_in_order(self):
        self.shell("VOICEBRIDGE_LOG=debug scripts/demo.sh --json | cat")
        self.passes()

    def test_shell_that_says_nothing_of_being_run(self):
        self.shell("scripts/demo.sh", "not run")
        self.fails("README.md:6 says neither")

    def test_shell_that_is_none(self):
        self.shell("if true; then")
        self.fails("is no shell")

    def test_a_script_that_is_not_there(self):
        self.shell("scripts/gone.sh")
        self.fails("there is no scripts/gone.sh")

    def test_an_option_that_a_script_has_not(self):
        self.shell("scripts/demo.sh --jso")
        self.fails("demo.sh has no --jso")

    def test_a_command_that_nobody_knows(self):
        self.shell("voicebridge-srever serve")
        self.fails("nobody knows the command voicebridge-srever")

    def test_a_variable_that_the_server_has_not(self):
        self.shell("VOICEBRIDGE_LOGS=debug cat README.md")
        self.fails("there is no variable VOICEBRIDGE_LOGS")

    def test_a_variable_that_the_text_names(self):
        self.add("\nSet `OPENAI_KEY`.\n")
        self.fails("README.md:5 there is no variable OPENAI_KEY")

    def test_what_is_run_has_to_succeed(self):
        self.shell("build/dev/program")
        self.passes()
        self.fails("README.md:6 ended with 127", "--build", self.root / "made")
        self.write("made/program", "#!/bin/sh\n")
        (self.root / "made/program").chmod(0o755)
        self.passes("--build", self.root / "made")

    def test_a_link_to_nowhere(self):
        self.add("\n[gone](docs/gone.md)\n")
        self.fails("README.md:5 there is no docs/gone.md")

    def test_a_link_to_no_heading(self):
        self.add("\n[gone](docs/errors.md#gone)\n")
        self.fails("docs/errors.md has no heading #gone")

    def test_a_page_that_nothing_leads_to(self):
        self.write("docs/alone.md", "# Alone\n")
        self.fails("docs/alone.md is reached by no page")
        self.fails("llms.txt does not name docs/alone.md")

    def test_a_class_without_a_row(self):
        self.write("include/voicebridge/net/wall.hpp",
                   "#pragma once\nnamespace voicebridge {\ninline namespace VOICEBRIDGE_ABI {\nnamespace web {\nclass Wall {};\n}\n}\n}\n")
        self.fails("on which threads web::Wall may be used")

    def test_a_row_without_a_class(self):
        self.add("| `Window` | yes |\n", "docs/threading.md")
        self.fails("tells of Window, which is no public class")

    def test_codes_of_errors(self):
        self.add("| `lost` | gone |\n", "docs/errors.md")
        self.fails("tells of lost, which is no code")
        self.write("docs/errors.md", GOOD_TREE["docs/errors.md"].replace("| `conflict` | its state |\n", ""))
        self.fails("does not tell of conflict")

    def test_a_limit_that_is_another(self):
        self.write("docs/limits.md", GOOD_TREE["docs/limits.md"].replace("most = 7", "most = 8"))
        self.fails("door.hpp does not say most = 8")


if __name__ == "__main__":
    unittest.main()
