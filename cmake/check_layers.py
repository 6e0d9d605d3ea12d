#!/usr/bin/env python3
"""Checks who includes whom, and the namespace: check_layers.py ROOT

A layer sees itself and what docs/architecture.md puts below it, a public header sees the standard library,
tl/expected.hpp and voicebridge/, and each third-party library stays in its room. The library's namespace is opened with
its inline one inside: `namespace voicebridge::net` would go on with ours for GCC, and open another for Clang.
Prints one line for each line that breaks a rule; exits 1 when there is one.
"""
import pathlib
import re
import sys

# What a layer may include besides itself.
MAY_USE = {
    "core": [],
    "audio": ["core"],
    "call": ["core", "audio"],
    "net": ["core"],
    "tools": ["core", "call", "net"],
    "store": ["core", "net"],
    "openai": ["core", "audio", "call", "net"],
    "telnyx": ["core", "audio", "call", "net"],
    "twilio": ["core", "audio", "call", "net"],
    "web": ["core", "audio", "call", "net"],
    "agent": ["core", "audio", "call", "tools", "store"],
    "app": ["core", "audio", "call", "net", "tools", "store", "openai", "telnyx", "agent"],
    "testing": ["core", "audio", "call", "net", "tools", "store", "openai", "telnyx", "twilio", "web", "agent"],
}

# Headers of no layer, for everybody.
COMMON = {"voicebridge/export.hpp", "voicebridge/version.hpp"}

# First match wins: a header by its beginning, and the files that may include it.
ROOMS = [
    (r"asio\.hpp$", r"src/net/|examples/asio_loop/"),
    (r"asio/|websocketpp/|cpprest/|pplx/|boost/", r"src/net/"),
    (r"(catch2|gtest)/", r"examples/test_with_(catch2|gtest)/"),
    (r"openssl/(evp|hmac|sha|rand)", r"src/core/crypto"),
    (r"openssl/", r"src/net/"),
    (r"sodium", r"src/core/crypto"),
    (r"rapidjson/", r"src/core/json"),
    (r"sqlite3\.h", r"src/store/sqlite"),
    (r"phonenumbers/", r"src/core/phone_number"),
    (r"speex/", r"src/audio/"),
    (r"spandsp", r"src/audio/g722_codec\.cpp$"),
    (r"opus(/|\.h$)", r"src/audio/opus_codec\.cpp$"),
    (r"fmt/", r"(src|examples|bench)/.*\.cpp$"),
    (r"tl/expected\.hpp$", r""),
    (r"(sys|arpa|net|netinet|linux)/|(unistd|fcntl|poll|spawn|netdb|pthread|dirent)\.h$", r"(src|examples)/"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"^[a-z_0-9]+$")
LAYER_OF_FILE = re.compile(r"^(?:include/voicebridge|src)/([a-z_0-9]+)/")


def fault_of_layer(file_layer, name, layer):
    if layer not in MAY_USE:
        return f"{name} is of no known layer"
    if layer == file_layer or layer in MAY_USE[file_layer]:
        return None
    return f"{file_layer} must not include {layer}: {name}"


def fault_of_own(path, root, name):
    """An include of this project."""
    if name in COMMON or name == "voicebridge/voicebridge.hpp" and path.startswith("examples/"):
        return None
    file_layer = LAYER_OF_FILE.match(path)
    if name.startswith("voicebridge/"):
        layer = name.split("/")[1]
        return fault_of_layer(file_layer[1], name, layer) if file_layer else None
    if path.startswith("include/"):
        return f"a public header includes {name}, which is not installed"
    beside = (root / path).parent / name
    if beside.is_file():
        beside_path = beside.resolve().relative_to(root.resolve()).as_posix()
        layer = LAYER_OF_FILE.match(beside_path)
        if file_layer and layer and layer[1] != file_layer[1]:
            return fault_of_layer(file_layer[1], name, layer[1])
        return None
    if not file_layer:
        return f"a program may include public headers only, not {name}"
    layer = name.split("/")[0]
    if file_layer[1] == "testing" and layer != "testing":
        return f"testing sees public headers only, not {name}"
    return fault_of_layer(file_layer[1], name, layer)


def fault_of_foreign(path, name):
    """An include of the standard library, the system or another project."""
    if STANDARD.match(name):
        return None
    for header, room in ROOMS:
        if re.match(header, name):
            return None if re.match(room, path) else f"{name} belongs into {room} alone"
    return f"{name} is of no known library"


def faults_of_namespace(lines):
    """The numbers of the lines that open voicebridge without the inline namespace, or go past it."""
    opened = [i for i, line in enumerate(lines) if re.match(r"namespace voicebridge\b", line)]
    for i in opened:
        if lines[i:i + 2] != ["namespace voicebridge {", "inline namespace VOICEBRIDGE_ABI {"]:
            yield i + 1


def faults(root):
    files = [p for top in ("include", "src", "examples") for p in sorted((root / top).rglob("*.[hc]pp"))]
    if not files:
        yield f"{root}: no sources"
    for file in files:
        path = file.relative_to(root).as_posix()
        layer = LAYER_OF_FILE.match(path)
        if layer and layer[1] not in MAY_USE:
            yield f"{path}: {layer[1]} is no layer"
            continue
        umbrella = path == "include/voicebridge/voicebridge.hpp"
        lines = file.read_text(encoding="utf-8").splitlines()
        for number in faults_of_namespace(lines):
            yield f"{path}:{number}: the line after must be: inline namespace VOICEBRIDGE_ABI {{"
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            if not include or umbrella:
                continue
            name = include[2]
            own = include[1] == '"' or name.startswith("voicebridge/")
            fault = fault_of_own(path, root, name) if own else fault_of_foreign(path, name)
            if fault:
                yield f"{path}:{number}: {fault}"


def main():
    found = list(faults(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found) if found else "layers: every include is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
