#!/usr/bin/env python3
"""Takes the steps of deploy/Containerfile where there is no container engine: try_containerfile.py FOLDER

As root, on Debian. Each stage runs in a clean Debian 12 that debootstrap makes in FOLDER, from the package sources of this
machine. Then the server starts as its container would be started: its user, its environment, a network of its own, a file
system that is read-only but for its volume. It must become healthy, and end in peace when it is asked to.
"""
import fcntl
import json
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Said of the image, not done to it; the start reads them.
OF_THE_IMAGE = {"FROM", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "VOLUME", "ENTRYPOINT", "CMD"}
PATIENCE_SECONDS = 3600  # Of one step, on a slow machine.
MOUNTS = 'mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/tmp" && '
# What `serve` cannot do without; nobody is asked.
ACCOUNT = {"OPENAI_API_KEY": "none", "VOICEBRIDGE_API_TOKEN": "0123456789abcdef0123456789abcdef",
           "PUBLIC_APP_URL": "https://voice.example.com", "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
           "TWILIO_AUTH_TOKEN": "none", "TWILIO_CALLER_ID": "+12025550100"}


def stages(text):
    """The instructions of each stage as (name, argument), continued lines joined."""
    found = []
    for line in re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines():
        if line.startswith("FROM "):
            found.append([])
        if line:
            found[-1].append(tuple(line.split(" ", 1)))
    return found


def arguments(stage, name):
    return [argument for instruction, argument in stage if instruction == name]


def new_root(folder, base):
    if not (base / "bin/sh").exists():
        sources = pathlib.Path("/etc/apt/sources.list.d/debian.sources").read_text(encoding="utf-8")
        mirror = re.search(r"(?m)^URIs: (\S+)", sources)[1]
        subprocess.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", base, mirror],
                       check=True, stdout=subprocess.DEVNULL)
        (base / "etc/apt/sources.list").unlink(missing_ok=True)
        for kind in ("sources.list.d", "apt.conf.d"):
            shutil.copytree(f"/etc/apt/{kind}", base / "etc/apt" / kind, dirs_exist_ok=True)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", base / "etc" / name)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", base, folder], check=True)


class Stage:
    def __init__(self, root):
        self.root = root
        self.folder = "/"
        self.environment = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive"}
        self.user = "0:0"

    def inside(self, path):
        return self.root / str(pathlib.PurePosixPath(self.folder) / path).lstrip("/")

    def take(self, name, argument, earlier):
        print(f"{name} {argument[:100]}", flush=True)
        if name == "WORKDIR":
            self.folder = argument
            self.inside(".").mkdir(parents=True, exist_ok=True)
        elif name == "ENV":
            self.environment.update(word.split("=", 1) for word in argument.split())
        elif name == "USER":
            self.user = argument
        elif name == "COPY":
            self.copy(argument.split(), earlier)
        elif name == "RUN":
            command = MOUNTS + 'exec chroot "$0" sh -ec "cd $1; $2"'
            subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-ec", command, self.root, self.folder, argument],
                           check=True, env=self.environment, stdout=subprocess.DEVNULL, timeout=PATIENCE_SECONDS)
        elif name not in OF_THE_IMAGE:
            sys.exit(f"container: what {name} means is not known here")

    def copy(self, words, earlier):
        if words[0].startswith("--from="):
            shutil.copy(earlier.root / words[1].lstrip("/"), self.inside(words[2]))
        elif words == [".", "."]:
            # What git does not keep is in .dockerignore.
            archive = subprocess.run(["git", "-C", SOURCE, "archive", "HEAD"], check=True, capture_output=True).stdout
            subprocess.run(["tar", "-x", "-C", self.inside(".")], check=True, input=archive)
        else:
            self.inside(words[1]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / words[0], self.inside(words[1]))


def loopback_up():
    """A new network has one that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING


def is_healthy(check):
    try:
        return subprocess.run(check, stderr=subprocess.DEVNULL, timeout=3).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def start(stage, instructions):
    """Runs in namespaces of its own. Exits with what the server exits with."""
    loopback_up()
    root, volume = str(stage.root), arguments(instructions, "VOLUME")[-1]
    user, group = stage.user.split(":")
    subprocess.run(["sh", "-ec", 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && ' + MOUNTS +
                    'mount -t tmpfs -o "mode=755,uid=$1,gid=$2" tmpfs "$0$3"', root, user, group, volume], check=True)
    chroot = ["chroot", f"--userspec={stage.user}", root, "env", "-i", "-C", stage.folder,
              *(f"{name}={value}" for name, value in {**stage.environment, **ACCOUNT}.items())]
    server = subprocess.Popen([*chroot, *json.loads(arguments(instructions, "ENTRYPOINT")[-1]),
                               *json.loads(arguments(instructions, "CMD")[-1])])
    check = [*chroot, *json.loads(arguments(instructions, "HEALTHCHECK")[-1].split("CMD", 1)[1])]
    deadline = time.monotonic() + 30
    try:
        while not is_healthy(check):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit("container: the server does not become healthy")
            time.sleep(0.2)
        print("healthy", flush=True)
        server.send_signal(getattr(signal, arguments(instructions, "STOPSIGNAL")[-1]))
        sys.exit(server.wait(timeout=30))
    except subprocess.TimeoutExpired:
        sys.exit("container: the server does not end when it is asked to")
    finally:
        server.kill()


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    found = stages((SOURCE / "deploy/Containerfile").read_text(encoding="utf-8"))
    last = Stage(folder / f"stage-{len(found) - 1}")
    if "--start" in sys.argv:
        for name, argument in found[-1]:
            if name in ("WORKDIR", "ENV", "USER"):
                last.take(name, argument, None)
        start(last, found[-1])
    folder.mkdir(parents=True, exist_ok=True)
    taken = None
    for number, instructions in enumerate(found):
        stage = Stage(folder / f"stage-{number}")
        new_root(stage.root, folder / "debian")
        for name, argument in instructions:
            stage.take(name, argument, taken)
        taken = stage
    done = subprocess.run(["unshare", "--mount", "--net", sys.executable, "-B", __file__, folder, "--start"])
    print("container: everything is in order" if done.returncode == 0 else "container: failed")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
