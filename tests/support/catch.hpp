#pragma once

// Debian ships Catch2 v2, Conan and vcpkg v3: one name for both.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
