#!/usr/bin/env python3
"""What a stranger is told who configures voicebridge wrongly, or asks for what a build has not.

usage: mistakes_test.py SOURCE_DIR GENERATED_INCLUDE_DIR CXX GENERATOR PACKAGE_FOLDER
"""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

SOURCE, GENERATED, CXX, GENERATOR, PACKAGE = sys.argv[1:6]
del sys.argv[1:]


def words(text):
    """CMake breaks its messages into lines."""
    return re.sub(r"\s+", " ", text)


class Mistakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    def configure(self, *arguments, build="build", source=SOURCE, **environment):
        command = ["cmake", "-S", source, "-B", str(self.folder / build), "-G", GENERATOR, f"-DCMAKE_CXX_COMPILER={CXX}",
                   "-DVOICEBRIDGE_BUILD_TESTS=OFF", "-DVOICEBRIDGE_BUILD_EXAMPLES=OFF", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})

    def assert_told(self, done, *expected):
        self.assertNotEqual(done.returncode, 0, done.stdout)
        for text in expected:
            self.assertIn(text, words(done.stderr))

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def without(self, name, package):
        """As on a machine where the library is not installed."""
        return self.configure(f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON", "-DCMAKE_IGNORE_PATH=/usr/include",
                              build=f"without_{name}", PKG_CONFIG_LIBDIR="/nonexistent", PKG_CONFIG_PATH="")

    def test_a_missing_library_is_named_as_each_registry_names_it(self):
        self.assert_told(self.without("expected", "tl-expected"), "voicebridge needs expected, which was not found",
                         "apt-get install libexpected-dev", "with Conan: tl-expected", "vcpkg install tl-expected")

    def test_a_missing_library_that_can_be_done_without_names_the_option(self):
        done = self.configure("-DCMAKE_DISABLE_FIND_PACKAGE_Opus=ON", PKG_CONFIG_LIBDIR=self.pkgconfig_without("opus"))
        self.assert_told(done, "voicebridge needs opus", "apt-get install libopus-dev", "-DVOICEBRIDGE_WITH_OPUS=OFF")

    def pkgconfig_without(self, module):
        found = subprocess.run(["pkg-config", "--variable=pc_path", "pkg-config"], capture_output=True, text=True, check=True)
        kept = self.folder / "pkgconfig"
        kept.mkdir(exist_ok=True)
        for folder in map(pathlib.Path, found.stdout.strip().split(":")):
            for file in folder.glob("*.pc"):
                if file.stem != module:
                    shutil.copy(file, kept)
        return str(kept)

    def test_a_compiler_that_is_too_old_is_named_with_what_is_needed(self):
        old = self.write("old-g++", f'#!/bin/sh\nexec "{CXX}" -U__GNUC__ -D__GNUC__=8 "$@"\n')
        old.chmod(old.stat().st_mode | stat.S_IXUSR)
        done = self.configure(f"-DCMAKE_CXX_COMPILER={old}", build="old")
        self.assert_told(done, "needs GCC 9 or Clang 10 at least", str(old), "GNU 8.", "-DCMAKE_CXX_COMPILER=")

    def test_an_asio_that_is_too_new_is_named_with_where_to_get_another(self):
        self.write("asio/asio.hpp", "")
        self.write("asio/asio/version.hpp", "#define ASIO_VERSION 103402 // 1.34.2\n")
        done = self.configure(f"-DVBDEP_asio_INCLUDE_DIR={self.folder}/asio", build="asio_build")
        self.assert_told(done, "needs Asio before 1.33", "is Asio 1.34", "with Conan: asio/1.32.0")

    def test_features_that_need_each_other_say_so(self):
        done = self.configure("-DVOICEBRIDGE_WITH_SERVER=ON", "-DVOICEBRIDGE_WITH_SQLITE=OFF", build="features")
        self.assert_told(done, "VOICEBRIDGE_WITH_SERVER needs VOICEBRIDGE_WITH_SQLITE", "-DVOICEBRIDGE_WITH_SERVER=OFF")

    def test_a_component_that_the_build_has_not_says_how_to_get_it(self):
        for name in ("voicebridgeConfig.cmake", "voicebridgeConfigVersion.cmake"):
            text = (pathlib.Path(PACKAGE) / name).read_text(encoding="utf-8")
            self.write(f"package/{name}", re.sub(r"(voicebridge_opus_FOUND) \w+\)", r"\1 OFF)", text))
        for component, expected in (("opus", "-DVOICEBRIDGE_WITH_OPUS=ON"), ("fax", "no component fax; there are core,")):
            self.write("asks/CMakeLists.txt", "cmake_minimum_required(VERSION 3.22)\nproject(asks LANGUAGES NONE)\n"
                       f"find_package(voicebridge CONFIG REQUIRED COMPONENTS {component})\n")
            done = self.configure(f"-Dvoicebridge_DIR={self.folder}/package", build="asks_build", source=f"{self.folder}/asks")
            self.assert_told(done, expected)

    def test_sqlite_stores_of_a_build_without_them_do_not_compile_and_say_why(self):
        version = (pathlib.Path(GENERATED) / "voicebridge" / "version.hpp").read_text(encoding="utf-8")
        self.write("without/voicebridge/version.hpp", version.replace("WITH_SQLITE 1", "WITH_SQLITE 0"))
        for text, compiles in (("", True), ('auto stores = voicebridge::open_sqlite_stores("a.db");', False)):
            done = subprocess.run(
                [CXX, "-std=c++17", "-Wall", "-Werror", "-fsyntax-only", "-I", f"{self.folder}/without", "-I", f"{SOURCE}/include", "-x", "c++", "-"],
                input=f"#include <voicebridge/store/sqlite_store.hpp>\n{text}\n", capture_output=True, text=True)
            self.assertEqual(done.returncode == 0, compiles, done.stderr)
            if not compiles:
                self.assertIn("configure it with -DVOICEBRIDGE_WITH_SQLITE=ON", done.stderr)


if __name__ == "__main__":
    unittest.main()
