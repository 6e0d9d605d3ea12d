#!/usr/bin/env python3
"""Checks what lies in deploy/: deploy_test.py SOURCE_DIR SERVER_BINARY"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1])
SERVER = sys.argv[2]
DEPLOY = SOURCE / "deploy"
sys.path.insert(0, str(DEPLOY))
from try_containerfile import arguments, stages  # noqa: E402

STAGES = stages((DEPLOY / "Containerfile").read_text(encoding="utf-8"))


def libraries_of(binary):
    """Packages of the libraries that the program itself is linked to."""
    listed = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
    wanted = set(re.findall(r"\(NEEDED\).*\[(.*)\]", listed))
    lines = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    packages = set()
    for name, path in re.findall(r"(\S+) => (/\S+)", lines):
        if name not in wanted:
            continue
        owner = subprocess.run(["dpkg-query", "-S", str(pathlib.Path(path).resolve())], capture_output=True, text=True)
        if owner.returncode == 0:
            packages.add(owner.stdout.split(":")[0])
    return packages


class Container(unittest.TestCase):
    def test_last_stage_has_the_libraries_of_the_server(self):
        installed = " ".join(arguments(STAGES[-1], "RUN"))
        missing = {p for p in libraries_of(SERVER) if p not in installed} - {"libc6", "libstdc++6", "libgcc-s1"}
        # The build of a sanitizer or a debugger may be linked to more.
        self.assertEqual(set(), {p for p in missing if not re.match(r"lib(a|t|ub)san", p)})

    def test_runs_as_nobody_special(self):
        self.assertNotIn(arguments(STAGES[-1], "USER")[-1].split(":")[0], ("root", "0"))

    def test_is_watched_and_asked_to_stop(self):
        self.assertTrue(arguments(STAGES[-1], "HEALTHCHECK"))
        self.assertEqual(["SIGTERM"], arguments(STAGES[-1], "STOPSIGNAL"))

    def test_secrets_stay_out(self):
        self.assertIn(".env", (SOURCE / ".dockerignore").read_text(encoding="utf-8").split())

    def test_what_is_copied_is_there(self):
        for line in arguments(STAGES[0], "COPY"):
            for source in line.split()[:-1]:
                self.assertTrue((SOURCE / source).exists(), source)


class Service(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_systemd_finds_no_fault(self):
        unit = (DEPLOY / "voicebridge.service").read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "voicebridge.service"
            # The program is not installed here.
            copy.write_text(unit.replace("/usr/local/bin/voicebridge-server", "/bin/true"), encoding="utf-8")
            done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True)
        self.assertEqual((0, ""), (done.returncode, done.stderr))


class Proxy(unittest.TestCase):
    @unittest.skipUnless(shutil.which("nginx") and shutil.which("openssl"), "no nginx here")
    def test_nginx_takes_the_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = f"{folder}/privkey.pem", f"{folder}/fullchain.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                            certificate, "-subj", "/CN=localhost", "-days", "1"], check=True, capture_output=True)
            text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
            text = text.replace("/etc/nginx/tls", folder).replace("server voicebridge:8080", "server 127.0.0.1:8080")
            copy = pathlib.Path(folder) / "nginx.conf"
            copy.write_text(f"pid {folder}/pid;\nerror_log {folder}/log;\n" + text, encoding="utf-8")
            done = subprocess.run(["nginx", "-t", "-c", str(copy)], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
