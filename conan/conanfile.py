"""voicebridge for Conan 2: conan create conan -pr conan/profiles/debian12 (the system's libraries) or …/center."""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.1"


class VoicebridgeRecipe(ConanFile):
    name = "voicebridge"
    description = "Joins phone calls and browsers to speech-to-speech AI models"
    license = "MIT"
    topics = ("telephony", "voice", "webrtc", "realtime", "speech")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "shared": [True, False],
        "fPIC": [True, False],
        "with_sqlite": [True, False],
        "with_opus": [True, False],
        # Conan Center has no spandsp: the system's is taken.
        "with_g722": [True, False],
        "with_testing": [True, False],
        "with_server": [True, False],
    }
    default_options = {
        "shared": False,
        "fPIC": True,
        "with_sqlite": True,
        "with_opus": True,
        "with_g722": False,
        "with_testing": True,
        "with_server": False,
        # One process may hold both; two copies of websocketpp in it would take each other's symbols.
        "websocketpp/*:asio": "standalone",
        "cpprestsdk/*:with_websockets": False,
    }
    implements = ["auto_shared_fpic"]
    # Packages of other options are built from the same folder, so that a compiler cache knows the objects again.
    no_copy_source = True

    @property
    def _tree(self):
        return os.path.dirname(self.recipe_folder)

    def set_version(self):
        text = load(self, os.path.join(self._tree, "CMakeLists.txt"))
        self.version = re.search(r"project\(voicebridge VERSION ([0-9.]+)", text).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*", "examples/*"):
            copy(self, pattern, self._tree, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # Seen in the public headers; nothing else is.
        self.requires("tl-expected/[>=1.0 <2]", transitive_headers=True)
        self.requires("fmt/[>=9 <13]")
        self.requires("rapidjson/1.1.0")
        self.requires("libsodium/[>=1.0.18 <2]")
        self.requires("openssl/[>=3 <4]")
        self.requires("libphonenumber/[>=8.12.57 <10]")
        self.requires("speexdsp/[>=1.2.1]")
        # websocketpp takes no later Asio than 1.32. The recipe of Conan Center names one version of its own, which may be
        # another.
        self.requires("asio/[>=1.22 <1.33]", force=True)
        self.requires("websocketpp/0.8.2")
        self.requires("cpprestsdk/[>=2.10.18 <3]")
        if self.options.with_sqlite:
            self.requires("sqlite3/[>=3.40 <4]")
        if self.options.with_opus:
            self.requires("opus/[>=1.3 <2]")

    def validate(self):
        check_min_cppstd(self, 17)
        if self.options.with_server and not (self.options.with_sqlite and self.options.with_testing):
            raise ConanInvalidConfiguration("with_server needs with_sqlite and with_testing: the server keeps its leads "
                                            "in SQLite, and its demo plays calls against the simulators")
        for name, option, wanted in (("websocketpp", "asio", "standalone"),
                                     ("cpprestsdk", "with_websockets", False)):
            if name not in self.dependencies:
                continue
            given = self.dependencies[name].options.get_safe(option)
            if given is not None and given != wanted:
                raise ConanInvalidConfiguration(f"voicebridge needs {name}/*:{option}={wanted}, not {given}")

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update({
            "BUILD_SHARED_LIBS": bool(self.options.shared),
            "VOICEBRIDGE_BUILD_TESTS": False,
            "VOICEBRIDGE_BUILD_EXAMPLES": False,
            "VOICEBRIDGE_BUILD_BOTH": False,
            "VOICEBRIDGE_INSTALL": True,
            "VOICEBRIDGE_UNITY": True,
            **{f"VOICEBRIDGE_WITH_{name.upper()}": bool(self.options.get_safe(f"with_{name}"))
               for name in ("sqlite", "opus", "g722", "testing", "server")},
        })
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # The package's own CMake files define both targets, and find what a static library needs by any of its names.
        self.cpp_info.set_property("cmake_find_mode", "none")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "voicebridge::voicebridge")
        core.builddirs = [os.path.join("lib", "cmake", "voicebridge")]
        core.libs = ["voicebridge"]
        core.requires = [f"{dependency.ref.name}::{dependency.ref.name}"
                         for require, dependency in self.dependencies.host.items() if require.direct]
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread", "spandsp"] if self.options.with_g722 else ["pthread"]
        if not self.options.with_testing:
            return
        testing = self.cpp_info.components["testing"]
        testing.set_property("cmake_target_name", "voicebridge::testing")
        testing.libs = ["voicebridge_testing"]
        testing.requires = ["core"]
