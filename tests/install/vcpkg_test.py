#!/usr/bin/env python3
"""Runs the portfiles of vcpkg/ports without vcpkg, on this machine's websocketpp and this tree.

usage: vcpkg_test.py SOURCE_DIR CXX
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE, CXX = pathlib.Path(sys.argv[1]), sys.argv[2]
del sys.argv[1:]
HEADERS = pathlib.Path("/usr/include/websocketpp")
PROGRAM = """#include <websocketpp/config/core.hpp>
#include <websocketpp/server.hpp>
int main() { websocketpp::server<websocketpp::config::core> server; }
"""


class Ports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_port(self, port, *definitions):
        command = ["cmake", f"-DPORT={port}", f"-DPORTS={SOURCE}/vcpkg/ports", f"-DPACKAGES={self.folder}/out",
                   *definitions, "-P", str(SOURCE / "tests/install/vcpkg_port.cmake")]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def compiles_as_cpp20(self, folder):
        done = subprocess.run([CXX, "-std=c++20", "-fsyntax-only", "-I", str(folder), "-x", "c++", "-"],
                              input=PROGRAM, capture_output=True, text=True)
        return done.returncode == 0

    def test_the_port_of_websocketpp_repairs_it_for_cpp20(self):
        if not HEADERS.is_dir():
            self.skipTest("no websocketpp in /usr/include")
        source = self.folder / "source"
        source.mkdir()
        (source / "COPYING").write_text("")
        (source / "websocketpp").symlink_to(HEADERS)
        subprocess.run(["cp", "-rL", str(source), str(self.folder / "real")], check=True)
        self.run_port("websocketpp", f"-DSOURCE={self.folder}/real")
        self.assertFalse(self.compiles_as_cpp20(source), "it needs no repair any more")
        self.assertTrue(self.compiles_as_cpp20(self.folder / "out/package/include"))

    def test_the_port_of_voicebridge_builds_this_tree_with_the_features_asked_for(self):
        told = self.run_port("voicebridge", "-DTEST_FEATURES=opus;server")
        for option in ("WITH_OPUS=ON", "WITH_SERVER=ON", "WITH_SQLITE=OFF", "WITH_G722=OFF", "BUILD_TESTS=OFF"):
            self.assertIn(f"-DVOICEBRIDGE_{option}", told)
        self.assertTrue((self.folder / "out/package/share/voicebridge/usage").is_file())
        self.assertTrue((self.folder / "out/package/share/voicebridge/LICENSE").is_file())

    def test_the_port_of_cpprestsdk_leaves_its_websockets_out(self):
        source = self.folder / "source/Release"
        source.mkdir(parents=True)
        (source / "CMakeLists.txt").write_text("")
        (source.parent / "license.txt").write_text("")
        self.assertIn("-DCPPREST_EXCLUDE_WEBSOCKETS=ON", self.run_port("cpprestsdk", f"-DSOURCE={source.parent}"))


if __name__ == "__main__":
    unittest.main()
