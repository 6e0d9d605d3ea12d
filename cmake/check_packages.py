#!/usr/bin/env python3
"""Checks what makes voicebridge a package: check_packages.py ROOT

The version is the same in CMakeLists.txt, vcpkg.json and CHANGELOG.md, and conanfile.py reads it from the first; every
library that CMake looks for is required by each package manager under its name there; the features are the same; the
files of vcpkg have the form of its schema and name only files, options and functions that exist.
Prints one line a fault; exits 1 when there is one.
"""
import json
import pathlib
import re
import sys

NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
VERSION = re.compile(r"^\d+(\.\d+)*$")
# From vcpkg's own schema: what a manifest, a dependency and a feature may hold.
MANIFEST = {"$schema", "$comment", "name", "version", "version-string", "version-semver", "version-date", "port-version",
            "description", "homepage", "documentation", "license", "maintainers", "supports", "dependencies",
            "default-features", "features", "overrides", "builtin-baseline"}
DEPENDENCY = {"name", "host", "default-features", "features", "platform", "version>="}
FEATURE = {"description", "dependencies", "supports", "license"}
CONFIGURATION = {"$schema", "default-registry", "registries", "overlay-ports", "overlay-triplets"}
# What a port may call: CMake's own, and what vcpkg and its two ports of helpers define.
FUNCTIONS = {"get_filename_component", "file", "string", "list", "set", "foreach", "endforeach", "if", "else", "endif",
             "vcpkg_from_github", "vcpkg_check_features", "vcpkg_replace_string", "vcpkg_cmake_configure",
             "vcpkg_cmake_install", "vcpkg_cmake_config_fixup", "vcpkg_fixup_pkgconfig", "vcpkg_copy_tools",
             "vcpkg_install_copyright"}
# Their own of a package manager, or of none.
NOT_IN_REGISTRIES = {"threads", "spandsp"}
HELPERS = {"vcpkg-cmake", "vcpkg-cmake-config"}


def read(path):
    return path.read_text(encoding="utf-8")


def version_of(root):
    return re.search(r"^project\(voicebridge VERSION ([0-9.]+)", read(root / "CMakeLists.txt"), re.M)[1]


def faults_of_versions(root):
    version = version_of(root)
    port = json.loads(read(root / "vcpkg/ports/voicebridge/vcpkg.json"))
    if port.get("version") != version:
        yield f"vcpkg/ports/voicebridge/vcpkg.json: version is {port.get('version')}, in CMakeLists.txt {version}"
    released = re.findall(r"^## \[([^\]]+)\]", read(root / "CHANGELOG.md"), re.M)
    if released and released[0] not in ("Unreleased", version):
        yield f"CHANGELOG.md: the newest version is {released[0]}, in CMakeLists.txt {version}"
    recipe = read(root / "conan/conanfile.py")
    if re.search(r"^ +version *=", recipe, re.M) or "CMakeLists.txt" not in recipe:
        yield "conan/conanfile.py: must read its version from CMakeLists.txt"


def libraries(root):
    """name → (Debian's package, the name in the registries, the option that does without)"""
    text = re.sub(r"#.*", "", read(root / "cmake/dependencies.cmake"))
    found = {}
    for call in re.findall(r"voicebridge_dependency\(([^)]*)\)", text):
        words = call.split()
        values = {key: words[words.index(key) + 1] for key in ("DEBIAN", "REGISTRY", "OPTION") if key in words}
        found[words[0]] = (values.get("DEBIAN"), values.get("REGISTRY"), values.get("OPTION"))
    return found


def names_of(dependencies):
    return {d if isinstance(d, str) else d["name"] for d in dependencies}


def faults_of_libraries(root):
    recipe = set(re.findall(r"self\.requires\(\"([a-z0-9-]+)/", read(root / "conan/conanfile.py")))
    profile = read(root / "conan/profiles/debian12").split("[platform_requires]")[1].split("[")[0]
    platform = {line.split("/")[0] for line in profile.split() if "/" in line}
    manifest = json.loads(read(root / "vcpkg/ports/voicebridge/vcpkg.json"))
    port = names_of(manifest["dependencies"])
    for feature in manifest["features"].values():
        port |= names_of(feature.get("dependencies", []))
    wanted = set()
    for name, (debian, registry, _) in libraries(root).items():
        if debian not in re.split(r"[\s()]+", read(root / "scripts/setup.sh")) and name != "threads":
            yield f"cmake/dependencies.cmake: {name} is {debian} on Debian, which scripts/setup.sh does not install"
        if registry:
            wanted.add(registry)
        elif name not in NOT_IN_REGISTRIES:
            yield f"cmake/dependencies.cmake: {name} has no name in the registries"
    for file, names in (("conan/conanfile.py", recipe), ("conan/profiles/debian12", platform),
                        ("vcpkg/ports/voicebridge/vcpkg.json", port - HELPERS - {"voicebridge"})):
        for name in sorted(wanted - names):
            yield f"{file}: does not name {name}, which CMake looks for"
        for name in sorted(names - wanted):
            yield f"{file}: names {name}, which CMake does not look for"


def faults_of_manifest(where, manifest):
    for key in sorted(set(manifest) - MANIFEST):
        yield f"{where}: vcpkg knows no field {key}"
    if "name" in manifest and not NAME.match(manifest["name"]):
        yield f"{where}: {manifest['name']} is no name of a port"
    if "version" in manifest and not VERSION.match(manifest["version"]):
        yield f"{where}: {manifest['version']} is no version"
    lists = [manifest.get("dependencies", [])]
    for name, feature in manifest.get("features", {}).items():
        if not NAME.match(name) or set(feature) - FEATURE or not feature.get("description"):
            yield f"{where}: the feature {name} needs a name, a description and nothing that vcpkg does not know"
        lists.append(feature.get("dependencies", []))
    for name in manifest.get("default-features", []):
        if name not in manifest.get("features", {}):
            yield f"{where}: there is no feature {name}"
    for dependency in (d for each in lists for d in each):
        fields = {"name": dependency} if isinstance(dependency, str) else dependency
        if set(fields) - DEPENDENCY or not NAME.match(fields.get("name", "")):
            yield f"{where}: {dependency} is no dependency"
    for names in lists:
        plain = [n if isinstance(n, str) else n["name"] for n in names]
        if plain != sorted(plain):
            yield f"{where}: dependencies are not in the order of the alphabet: {', '.join(plain)}"


def faults_of_portfile(root, folder):
    where = f"{folder.relative_to(root)}/portfile.cmake"
    text = re.sub(r"(^|\s)#.*", "", read(folder / "portfile.cmake"))
    for function in sorted(set(re.findall(r"^\s*(\w+)\(", text, re.M)) - FUNCTIONS):
        yield f"{where}: vcpkg has no function {function}"
    named = set(re.findall(r"\$\{CMAKE_CURRENT_LIST_DIR\}/([\w.-]+)(?=\")", text))
    for name in sorted(named | {"usage"}):
        if name != ".." and not (folder / name).is_file():
            yield f"{where}: there is no file {name} beside it"
    for path in folder.iterdir():
        if path.name not in named | {"portfile.cmake", "vcpkg.json"}:
            yield f"{where}: does nothing with {path.name}"
    if "vcpkg_from_github" in text and not re.search(r"REF [0-9a-f]{40}\s+SHA512 [0-9a-f]{128}\s", text):
        yield f"{where}: names no commit and SHA-512 of what it downloads"
    if "vcpkg_install_copyright" not in text:
        yield f"{where}: installs no copyright"


def faults_of_vcpkg(root):
    ports = sorted(p for p in (root / "vcpkg/ports").iterdir() if p.is_dir())
    for folder in ports:
        where = f"{folder.relative_to(root)}/vcpkg.json"
        manifest = json.loads(read(folder / "vcpkg.json"))
        yield from faults_of_manifest(where, manifest)
        if manifest.get("name") != folder.name:
            yield f"{where}: the port is called {folder.name}"
        for field in ("version", "description", "license"):
            if field not in manifest:
                yield f"{where}: has no {field}"
        yield from faults_of_portfile(root, folder)
    consumer = json.loads(read(root / "vcpkg/vcpkg.json"))
    yield from faults_of_manifest("vcpkg/vcpkg.json", consumer)
    if names_of(consumer["dependencies"]) != {"voicebridge"}:
        yield "vcpkg/vcpkg.json: must depend on voicebridge alone"
    asio = [o["version"] for o in consumer.get("overrides", []) if o["name"] == "asio"]
    if not asio or tuple(map(int, asio[0].split("."))) >= (1, 33):
        yield "vcpkg/vcpkg.json: must hold asio below 1.33"
    configuration = json.loads(read(root / "vcpkg/vcpkg-configuration.json"))
    if set(configuration) - CONFIGURATION:
        yield "vcpkg/vcpkg-configuration.json: has fields that vcpkg does not know"
    if not re.match(r"^[0-9a-f]{40}$", configuration["default-registry"].get("baseline", "")):
        yield "vcpkg/vcpkg-configuration.json: the baseline is no commit"
    for overlay in configuration.get("overlay-ports", []):
        if not (root / "vcpkg" / overlay).is_dir():
            yield f"vcpkg/vcpkg-configuration.json: there is no folder {overlay}"


def faults_of_features(root):
    """Every option of CMake that a package sets exists, and every feature is an option of it."""
    options = set(re.findall(r"option\((\w+)", read(root / "cmake/options.cmake")))
    features = {o[len("VOICEBRIDGE_WITH_"):].lower() for o in options if o.startswith("VOICEBRIDGE_WITH_")}
    portfile = read(root / "vcpkg/ports/voicebridge/portfile.cmake")
    recipe = read(root / "conan/conanfile.py")
    for where, text in (("vcpkg/ports/voicebridge/portfile.cmake", portfile), ("conan/conanfile.py", recipe)):
        for option in sorted(set(re.findall(r"\bVOICEBRIDGE_[A-Z0-9_]*[A-Z0-9]\b", text)) - options - {"VOICEBRIDGE_WITH"}):
            yield f"{where}: CMake has no option {option}"
    for name in sorted(set(re.findall(r"\"with_(\w+)\": \[", recipe)) - features):
        yield f"conan/conanfile.py: CMake has no VOICEBRIDGE_WITH_{name.upper()}"
    manifest = json.loads(read(root / "vcpkg/ports/voicebridge/vcpkg.json"))
    for name in manifest["features"]:
        if f"{name} VOICEBRIDGE_WITH_{name.upper()}" not in portfile:
            yield f"vcpkg/ports/voicebridge/portfile.cmake: does not pass on the feature {name}"


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    root = pathlib.Path(sys.argv[1])
    checks = (faults_of_versions, faults_of_libraries, faults_of_vcpkg, faults_of_features)
    found = [fault for check in checks for fault in check(root)]
    print("\n".join(found) if found else "packages: Conan, vcpkg, Debian and CMake agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
