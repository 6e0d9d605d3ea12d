#!/usr/bin/env python3
"""What the Conan recipe refuses, and that it says why.

usage: conan_test.py CONAN SOURCE_DIR
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CONAN, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
del sys.argv[1:]
PROFILE = (SOURCE / "conan/profiles/debian12").read_text(encoding="utf-8")
STAND_IN = """from conan import ConanFile
class Recipe(ConanFile):
    name, version = "{name}", "{version}"
    options = {{"{option}": {values}}}
    default_options = {{"{option}": {default}}}
    requires = {requires}
"""


class Refusals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {"CONAN_HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", "HOME": folder.name}
        self.run_conan("profile", "detect")

    def run_conan(self, *arguments):
        return subprocess.run([CONAN, *map(str, arguments)], capture_output=True, text=True, env=self.environment)

    def info(self, *arguments, without=()):
        """Of the package, with the system's libraries but these."""
        profile = self.folder / "profile"
        profile.write_text("".join(line for line in PROFILE.splitlines(True) if line.split("/")[0] not in without))
        done = self.run_conan("graph", "info", SOURCE / "conan", "-pr", profile, "-nr", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def stand_in(self, name, version, option, values, default, requires=()):
        folder = self.folder / name
        folder.mkdir()
        text = STAND_IN.format(name=name, version=version, option=option, values=values, default=default, requires=requires)
        (folder / "conanfile.py").write_text(text)
        done = self.run_conan("export", folder)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_libraries_of_debian_are_accepted(self):
        self.assertNotIn("Invalid", self.info())

    def test_an_older_standard_is_refused(self):
        self.assertIn("Current cppstd (14) is lower than the required C++ standard (17)", self.info("-s", "compiler.cppstd=14"))

    def test_a_server_without_simulators_is_refused(self):
        told = self.info("-o", "&:with_server=True", "-o", "&:with_testing=False")
        self.assertIn("with_server needs with_sqlite and with_testing", told)

    def test_a_websocketpp_on_the_asio_of_boost_is_refused(self):
        self.stand_in("websocketpp", "0.8.2", "asio", ["boost", "standalone"], '"boost"', ("asio/1.27.0",))
        told = self.info("-o", "websocketpp/*:asio=boost", without=("websocketpp",))
        self.assertIn("voicebridge needs websocketpp/*:asio=standalone, not boost", told)
        self.assertNotIn("Invalid", self.info(without=("websocketpp",)))

    def test_a_cpprestsdk_with_websockets_is_refused(self):
        self.stand_in("cpprestsdk", "2.10.19", "with_websockets", [True, False], True)
        told = self.info("-o", "cpprestsdk/*:with_websockets=True", without=("cpprestsdk",))
        self.assertIn("voicebridge needs cpprestsdk/*:with_websockets=False, not True", told)
        self.assertNotIn("Invalid", self.info(without=("cpprestsdk",)))


if __name__ == "__main__":
    unittest.main()
