#!/usr/bin/env python3
"""Shows each check a small tree that is in order, then the same tree with one fault.

usage: checks_test.py FOLDER_OF_THE_CHECKS
"""
import subprocess
import unittest

import tree_test
from tree_test import CXX

GOOD_TREE = {
    "include/voicebridge/export.hpp": "#pragma once\n",
    "include/voicebridge/core/error.hpp": "#pragma once\n#include <string>\n#include <tl/expected.hpp>\n",
    "include/voicebridge/net/http.hpp": '#pragma once\n#include "voicebridge/core/error.hpp"\n',
    "src/core/json.cpp": '#include <rapidjson/document.h>\n#include "voicebridge/core/error.hpp"\n',
    "src/net/http.cpp": '#include "voicebridge/net/http.hpp"\n\n#include <asio/io_context.hpp>\n#include "http_head.hpp"\n',
    "src/net/http_head.hpp": "#pragma once\n",
    "src/testing/simulator.cpp": '#include "voicebridge/net/http.hpp"\n',
    "examples/small/main.cpp": "#include <fmt/format.h>\n#include <voicebridge/voicebridge.hpp>\n",
}


class TreeTest(tree_test.TreeTest):
    good_tree = GOOD_TREE


class Layers(TreeTest):
    def fails_with(self, path, line, words):
        self.write(path, line + "\n")
        self.assert_fails(words, "check_layers.py", self.root)

    def test_a_tree_in_order_passes(self):
        self.assert_passes("check_layers.py", self.root)

    def test_an_empty_tree_is_a_fault(self):
        self.assert_fails("no sources", "check_layers.py", self.root / "include" / "voicebridge" / "core")

    def test_a_public_header_must_not_look_up(self):
        self.fails_with("include/voicebridge/core/up.hpp", '#include "voicebridge/net/http.hpp"', "core must not include net")

    def test_a_source_must_not_look_up(self):
        self.fails_with("src/core/up.cpp", '#include "net/http_head.hpp"', "core must not include net")

    def test_nor_by_a_relative_path(self):
        self.fails_with("src/core/up.cpp", '#include "../net/http_head.hpp"', "core must not include net")

    def test_providers_do_not_know_each_other(self):
        self.fails_with("src/openai/side.cpp", '#include "voicebridge/telnyx/call.hpp"', "openai must not include telnyx")

    def test_testing_sees_no_hidden_header(self):
        self.fails_with("src/testing/inside.cpp", '#include "net/http_head.hpp"', "testing sees public headers only")

    def test_an_example_sees_no_hidden_header(self):
        self.fails_with("examples/small/inside.cpp", '#include "net/http_head.hpp"', "public headers only")

    def test_a_public_header_includes_no_hidden_one(self):
        self.fails_with("include/voicebridge/net/inside.hpp", '#include "net/http_head.hpp"', "not installed")

    def test_a_public_header_includes_no_third_party(self):
        self.fails_with("include/voicebridge/core/text.hpp", "#include <fmt/format.h>", "alone")

    def test_a_third_party_stays_in_its_room(self):
        for header in ("rapidjson/document.h", "cpprest/http_client.h", "openssl/evp.h", "sqlite3.h", "sodium.h"):
            with self.subTest(header):
                self.fails_with("src/agent/wrong.cpp", f"#include <{header}>", "alone")

    def test_an_unknown_library_is_a_fault(self):
        self.fails_with("src/core/new.cpp", "#include <absl/strings/str_cat.h>", "no known library")

    def test_the_namespace_has_its_inline_one(self):
        for opened in ("namespace voicebridge {", "namespace voicebridge::net {"):
            with self.subTest(opened):
                self.fails_with("src/net/new.cpp", opened + "\n}\n", "inline namespace VOICEBRIDGE_ABI {")

    def test_an_unknown_folder_is_a_fault(self):
        self.fails_with("src/misc/new.cpp", "#include <string>", "misc is no layer")


class Headers(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("generated/voicebridge/version.hpp", "#pragma once\n")
        self.assert_passes("check_headers.py", self.root, "--fix")

    def test_a_tree_in_order_passes(self):
        self.assert_passes("check_headers.py", self.root)

    def test_a_missing_guard(self):
        self.write("include/voicebridge/core/error.hpp", "#include <string>\n")
        self.assert_fails("#pragma once", "check_headers.py", self.root)

    def test_an_opened_namespace(self):
        self.write("include/voicebridge/core/error.hpp", "#pragma once\nusing namespace std;\n")
        self.assert_fails("opens a namespace", "check_headers.py", self.root)

    def test_a_header_that_the_umbrella_forgets(self):
        self.write("include/voicebridge/core/new.hpp", "#pragma once\n")
        self.assert_fails("does not list", "check_headers.py", self.root)

    def test_a_header_that_does_not_compile_alone(self):
        self.write("include/voicebridge/core/error.hpp", "#pragma once\nstd::string text();\n")
        self.assert_fails("does not compile alone", "check_headers.py", self.root, "--compile", self.root / "generated")


    def test_a_header_that_costs_more_than_the_yardstick(self):
        self.assert_fails("more than <cstddef>", "check_headers.py", self.root, "--compile", self.root / "generated",
                          "--yardstick", "cstddef")

    def test_a_third_party_that_comes_along(self):
        self.write("include/voicebridge/core/error.hpp", "#pragma once\n#include <sodium.h>\n")
        self.assert_fails("brings along", "check_headers.py", self.root, "--compile", self.root / "generated")


class Lengths(TreeTest):
    """A report: it never fails."""

    def reported(self, text):
        self.write("src/core/new.cpp", text)
        done = self.run_check("check_lengths.py", self.root)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_long_file_and_a_long_function(self):
        body = "  f();\n" * 58
        self.assertEqual("", self.reported("void g() {\n" + body + "}\n" + "// more\n" * 340))
        self.assertIn("new.cpp has 401 lines", self.reported("// more\n" * 401))
        self.assertIn("new.cpp:1: a function of 61 lines", self.reported("void g() {\n  f();\n" + body + "}\n"))

    def test_a_constructor_ends_where_it_ends(self):
        head = "Door::Door(int a,\n           int b)\n    : a_(a),\n      b_(b) {\n"
        others = "void f() {\n  if (g()) {\n    h();\n  }\n}\n" * 20
        self.assertEqual("", self.reported(head + "  open();\n}\n" + others))
        self.assertIn("new.cpp:1: a function of 65 lines", self.reported(head + "  open();\n" * 60 + "}\n"))


class Symbols(TreeTest):
    def linked(self, source):
        self.write("library.cpp", source)
        library = self.root / "library.so"
        subprocess.run([CXX, "-shared", "-fPIC", "-o", library, self.root / "library.cpp"], check=True)
        return library

    def test_own_names_may_leave(self):
        source = ("namespace voicebridge { inline namespace v0_1 { struct Seam { virtual ~Seam(); void f() const; };"
                  " Seam::~Seam() {} void Seam::f() const {} } }")
        self.assert_passes("check_symbols.py", self.linked(source))

    def test_foreign_names_may_not(self):
        source = "namespace voicebridge::v0_1 { void own() {} } namespace boost { void foreign() {} }"
        self.assert_fails("exports boost::foreign()", "check_symbols.py", self.linked(source))

    def test_a_name_outside_the_inline_namespace_may_not(self):
        source = "namespace voicebridge::v0_1 { void own() {} } namespace voicebridge { void stray() {} }"
        self.assert_fails("exports voicebridge::stray()", "check_symbols.py", self.linked(source))

    def test_a_library_without_own_names_is_a_fault(self):
        self.assert_fails("exports nothing", "check_symbols.py", self.linked("static int nothing;"))

    def test_no_library_is_a_fault(self):
        self.assertEqual(self.run_check("check_symbols.py").returncode, 1)


PACKAGE_TREE = {
    "CMakeLists.txt": "project(voicebridge VERSION 1.2.3 LANGUAGES CXX)\n",
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n",
    "cmake/options.cmake": 'option(VOICEBRIDGE_WITH_OPUS "Opus" ON)\n',
    "cmake/dependencies.cmake": "voicebridge_dependency(opus CONFIG Opus DEBIAN libopus-dev REGISTRY opus)\n",
    "scripts/setup.sh": "packages=(g++ libopus-dev)\n",
    "conan/conanfile.py": 'open("CMakeLists.txt")\nself.requires("opus/1.4")\noptions = {\n  "with_opus": [True, False]}\n',
    "conan/profiles/debian12": "[platform_requires]\nopus/1.3.1\n",
    "vcpkg/vcpkg.json": '{"dependencies": ["voicebridge"], "overrides": [{"name": "asio", "version": "1.32.0"}]}',
    "vcpkg/vcpkg-configuration.json":
        '{"default-registry": {"kind": "builtin", "baseline": "' + "0" * 40 + '"}, "overlay-ports": ["./ports"]}',
    "vcpkg/ports/voicebridge/vcpkg.json":
        '{"name": "voicebridge", "version": "1.2.3", "description": "d", "license": "MIT", "dependencies": ["opus"], '
        '"features": {"opus": {"description": "Speak Opus"}}}',
    "vcpkg/ports/voicebridge/portfile.cmake":
        "vcpkg_check_features(OUT_FEATURE_OPTIONS O FEATURES opus VOICEBRIDGE_WITH_OPUS)\n"
        'file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION x)\nvcpkg_install_copyright(FILE_LIST LICENSE)\n',
    "vcpkg/ports/voicebridge/usage": "find_package(voicebridge)\n",
}


class Packages(TreeTest):
    def setUp(self):
        super().setUp()
        for path, text in PACKAGE_TREE.items():
            self.write(path, text)

    def fails_where(self, path, before, after, words):
        """With one text of one file another."""
        self.assertIn(before, PACKAGE_TREE[path])
        self.write(path, PACKAGE_TREE[path].replace(before, after))
        self.assert_fails(words, "check_packages.py", self.root)

    def test_packages_that_agree_pass(self):
        self.assert_passes("check_packages.py", self.root)

    def test_another_version(self):
        self.fails_where("CMakeLists.txt", "1.2.3", "1.2.4", "version is 1.2.3, in CMakeLists.txt 1.2.4")

    def test_another_version_of_the_changelog(self):
        self.fails_where("CHANGELOG.md", "Unreleased", "1.2.2", "the newest version is 1.2.2")

    def test_a_recipe_with_a_version_of_its_own(self):
        self.fails_where("conan/conanfile.py", "open(", '    version = "1.2.3"\nopen(', "must read its version")

    def test_a_library_that_a_package_forgets(self):
        self.fails_where("conan/conanfile.py", "opus/1.4", "opal/1.4", "conan/conanfile.py: does not name opus")

    def test_a_library_that_nobody_looks_for(self):
        self.fails_where("vcpkg/ports/voicebridge/vcpkg.json", '["opus"]', '["opus", "zlib"]', "names zlib, which CMake")

    def test_a_library_that_setup_does_not_install(self):
        self.fails_where("scripts/setup.sh", "libopus-dev", "libopal-dev", "setup.sh does not install")

    def test_an_option_that_is_none(self):
        self.fails_where("cmake/options.cmake", "WITH_OPUS", "WITH_OPAL", "CMake has no option VOICEBRIDGE_WITH_OPUS")

    def test_a_file_that_is_not_there(self):
        self.fails_where("vcpkg/ports/voicebridge/portfile.cmake", "/usage", "/repair.patch", "there is no file repair.patch")

    def test_a_function_that_vcpkg_has_not(self):
        self.fails_where("vcpkg/ports/voicebridge/portfile.cmake", "vcpkg_install_copyright", "vcpkg_copyright", "no function")

    def test_a_field_that_vcpkg_has_not(self):
        self.fails_where("vcpkg/ports/voicebridge/vcpkg.json", '"license"', '"licence"', "knows no field licence")

    def test_a_baseline_that_is_none(self):
        self.fails_where("vcpkg/vcpkg-configuration.json", "0" * 40, "main", "the baseline is no commit")

    def test_an_asio_that_is_too_new(self):
        self.fails_where("vcpkg/vcpkg.json", "1.32.0", "1.34.2", "must hold asio below 1.33")


SUITE = """#!/usr/bin/env python3
print("| scenario | what must hold | one |")
print("|---|---|---|")
print("| `start` | It begins | pass |")
print("| `end` | It ends | {word} |")
raise SystemExit({code})
"""


class CarrierMatrix(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("docs/carriers.md", "Before.\n\n<!-- matrix: written by cmake/check_carrier_matrix.py -->\n"
                                       "<!-- end of matrix -->\n\nAfter.\n")
        self.suite("pass", 0)
        self.assert_passes("check_carrier_matrix.py", self.root / "docs/carriers.md", "--fix", self.root / "suite")

    def suite(self, word, code):
        self.write("suite", SUITE.format(word=word, code=code))
        (self.root / "suite").chmod(0o755)

    def check(self):
        return "check_carrier_matrix.py", self.root / "docs/carriers.md", self.root / "suite"

    def test_what_was_written_is_current(self):
        self.assert_passes(*self.check())
        text = (self.root / "docs/carriers.md").read_text(encoding="utf-8")
        self.assertTrue(text.startswith("Before.") and text.endswith("After.\n"))

    def test_another_verdict_is_noticed(self):
        self.suite("n/a", 0)
        self.assert_fails("`end` on one: n/a, and the table says pass", *self.check())

    def test_a_failure_is_one(self):
        self.suite("**FAIL**", 1)
        self.assert_fails("**FAIL**", *self.check())

    def test_a_scenario_that_is_gone_is_noticed(self):
        text = (self.root / "docs/carriers.md").read_text(encoding="utf-8")
        self.write("docs/carriers.md", text.replace("| `end` ", "| `other` | It goes on | pass |\n| `end` "))
        self.assert_fails("in the table only", *self.check())


if __name__ == "__main__":
    unittest.main()
