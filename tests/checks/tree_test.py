"""What the tests of the checks share: a small tree of files that is in order, and a check that is run on it.

The program that imports this is started with the folder of the checks as its first argument.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKS = pathlib.Path(sys.argv.pop(1)).resolve()
CXX = os.environ.get("CXX", "c++")


class TreeTest(unittest.TestCase):
    good_tree = {}  # Path and text of each file.

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for path, text in self.good_tree.items():
            self.write(path, text)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run_check(self, name, *arguments):
        command = [sys.executable, "-B", str(CHECKS / name), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CXX": CXX})

    def assert_passes(self, name, *arguments):
        done = self.run_check(name, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_fails(self, words, name, *arguments):
        done = self.run_check(name, *arguments)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(words, done.stdout)
