"""Checks shell blocks: their form, the scripts, programs, options, files and variables that they name, and runs what can run."""
import os
import pathlib
import re
import shlex
import subprocess

# Programs of ours: where their options are read.
PROGRAMS = {
    "voicebridge-server": ["examples/server/main.cpp"],
    "voicebridge-sim": ["examples/simulator/main.cpp"],
    "voicebridge-bench": ["bench/bridge_bench.cpp"],
    "call_load": ["tests/load/call_load.cpp"],
    "carrier_suite": ["src/testing/carrier_suite.cpp"],
    "own_carrier": ["src/testing/carrier_suite.cpp"],
}
# Options that a script hands on, and so are not its own.
HANDED_ON = {"scripts/demo.sh": PROGRAMS["voicebridge-server"], "scripts/test.sh": []}
OTHERS = set("c++ cat cd cmake conan cp ctest curl docker export git install jq kill make nginx node npm openssl pip podman python3 sed sqlite3 "
             "sudo supabase systemctl vcpkg voicebridge_microbench xdg-open".split())
TREE = re.compile(r"(?:\.ci|bench|cmake|conan|deploy|docs|examples|include|scripts|src|tests|vcpkg)/[\w./-]+")
TIME_LIMIT_S = 60


def is_open(text):
    """Whether a quotation goes on in the next line."""
    try:
        shlex.split(text, comments=True)
        return False
    except ValueError:
        return True


def logical_lines(text):
    """Lines without comments, those that go on joined, what follows <<WORD left out."""
    lines, joined, until = [], "", ""
    for line in text.split("\n"):
        if until:
            until = "" if line.strip() == until else until
            continue
        joined += line.removesuffix("\\")
        if line.endswith("\\") or is_open(joined):
            continue
        heredoc = re.search(r"<<-?\s*'?(\w+)'?", joined)
        until = heredoc.group(1) if heredoc else ""
        lines.append(joined)
        joined = ""
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def commands_of(line):
    """The commands of a line as lists of words, variables that are set first among them."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    commands, words = [], []
    for word in lexer:
        if re.fullmatch(r"[;&|]+", word):
            commands.append(words)
            words = []
        else:
            words.append(word)
    return [words for words in [*commands, words] if words]


class ShellCheck:
    def __init__(self, root, variables):
        self.root = root
        self.variables = variables

    def faults(self, block):
        done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True)
        if done.returncode != 0:
            return [f"is no shell: {done.stderr.strip()}"]
        if block.hint not in ("run", "not run") or (block.hint == "not run" and not block.hint_text):
            return ["says neither <!-- run --> nor <!-- not run: REASON -->"]
        return [fault for line in logical_lines(block.text) for words in commands_of(line) for fault in self.command_faults(words)]

    def command_faults(self, words):
        words = list(words)
        while words and re.match(r"[A-Za-z_]\w*=", words[0]):
            name = words.pop(0).partition("=")[0]
            if name not in self.variables:
                yield f"there is no variable {name}"
        if not words:
            return
        program, options = words[0], [word.partition("=")[0] for word in words[1:] if re.match(r"--[a-z]", word)]
        for word in words:
            path = word.rstrip("/")
            if TREE.fullmatch(path) and not (self.root / path).exists():
                yield f"there is no {path}"
        yield from self.option_faults(program, options, words)

    def option_faults(self, program, options, words):
        name = pathlib.PurePath(program).name
        if program.startswith(("scripts/", ".ci/")):
            sources = [program, *HANDED_ON.get(program, [])]
        elif name in PROGRAMS:
            sources = PROGRAMS[name]
            if name == "voicebridge-server" and len(words) > 1 and not words[1].startswith("--"):
                options = [words[1], *options]
        else:
            if name not in OTHERS and not program.startswith("build/"):
                yield f"nobody knows the command {program}"
            return
        text = "".join((self.root / source).read_text(encoding="utf-8") for source in sources if (self.root / source).exists())
        for option in options:
            if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
                yield f"{name} has no {option}"


def run_block(root, block, build):
    """What a run of the block's lines, in their order, had to complain of; empty: nothing."""
    text = re.sub(r"\bbuild/(dev|release)/", lambda _: f"{build}/", block.text)
    folders = [str(build / "examples/server"), str(build / "examples/simulator"), os.environ.get("PATH", "")]
    environment = {**os.environ, "PATH": os.pathsep.join(folders)}
    try:
        done = subprocess.run(["bash", "-euo", "pipefail"], input=text, cwd=root, env=environment, capture_output=True, text=True,
                              timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"took more than {TIME_LIMIT_S} s"
    return "" if done.returncode == 0 else f"ended with {done.returncode}: {(done.stdout + done.stderr)[-600:]}"
