#!/bin/sh
# Builds a program by pkg-config alone: pkg_config.sh LIBDIR FOLDER SOURCE VERSION CXX [CLANG]
# Shared as C++23 by the compiler of the build, static as C++17 by Clang, whose C++23 must take the headers too.
set -eu
libdir=$1 folder=$2 source=$3 version=$4 cxx=$5 clang=${6:-}
export PKG_CONFIG_PATH="$libdir/pkgconfig"
mkdir -p "$folder"

[ "$(pkg-config --modversion voicebridge)" = "$version" ]
[ "$(pkg-config --modversion voicebridge-testing)" = "$version" ]
flags=$(pkg-config --cflags --libs voicebridge-testing)

"$cxx" -std=c++23 -O0 "$source" -o "$folder/shared" $flags
LD_LIBRARY_PATH="$libdir" "$folder/shared"

case $clang in *NOTFOUND | '') echo 'pkg-config: works (there is no Clang to try)' && exit ;; esac
# The static libraries lie beside the shared ones: the linker takes those that it is told.
static=$(pkg-config --static --cflags --libs voicebridge-testing |
  sed "s|-lvoicebridge_testing|$libdir/libvoicebridge_testing.a|; s|-lvoicebridge\>|$libdir/libvoicebridge.a|")
"$clang" -std=c++17 -O0 "$source" -o "$folder/static" $static
"$folder/static"
if ldd "$folder/static" | grep libvoicebridge; then exit 1; fi
"$clang" -std=c++2b -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags voicebridge-testing) "$source"
echo 'pkg-config: works'
