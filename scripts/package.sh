#!/usr/bin/env bash
# Tries the packages: a Conan package of each kind, from this system's libraries, with a program that uses it, and that
# what must not be packaged is refused. Objects are compiled once, without optimization, for both kinds.
# Conan comes from PyPI into build/package; where that cannot be reached, only the checks without it are made.
#
#   scripts/package.sh [--release] [--all]    --release: optimized, as users build it
#                                             --all: also a program that has the least of voicebridge by FetchContent
set -euo pipefail
source "$(dirname "$0")/lib.sh"

flags='tools.cmake.cmaketoolchain:extra_variables={"CMAKE_CXX_FLAGS_RELEASE": "-O0"}'
all=false
for argument in "$@"; do
  case $argument in
    --release) flags=tools.build:skip_test=True ;;
    --all) all=true ;;
    *) echo "package: no option '$argument'; there are --release and --all" >&2; exit 2 ;;
  esac
done

scripts/setup.sh package
python3 -B cmake/check_packages.py .

folder=$PWD/build/package
venv=$folder/venv
mkdir -p "$folder"
if $all; then
  echo "package: FetchContent, the least of it"
  cmake -S tests/install/subproject -B "$folder/least" -G Ninja -DCMAKE_CXX_FLAGS=-O0 -DWAY=fetch_content -DLEAST=ON \
    -DVOICEBRIDGE_DIR="$PWD" >"$folder/least.log"
  cmake --build "$folder/least" --target least | progress
  "$folder/least/least"
fi

export CONAN_HOME=$folder/conan CCACHE_DIR=$folder/ccache CCACHE_BASEDIR=$folder CCACHE_NOHASHDIR=1
if ! "$venv/bin/conan" --version >/dev/null 2>&1; then
  echo "package: installing Conan"
  python3 -m venv "$venv"
  if ! timeout 180 "$venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 20 \
    'conan>=2.9,<3' >"$folder/pip.log" 2>&1; then
    tail -n 3 "$folder/pip.log"
    echo "package: PyPI cannot be reached; the Conan package is not tried"
    exit 0
  fi
fi
conan() { "$venv/bin/conan" "$@"; }
conan profile detect --exist-ok >"$folder/profile.log" 2>&1

# created KIND SHARED: says what is done; what Conan prints is shown only when it fails.
created() {
  echo "package: conan create, $1"
  if ! conan create conan -pr conan/profiles/debian12 -o "voicebridge/*:shared=$2" -c "$flags" -nr \
    -c 'tools.cmake.cmake_layout:test_folder=$TMP' \
    >"$folder/$1.log" 2>&1 </dev/null; then
    tail -n 60 "$folder/$1.log" >&2
    return 1
  fi
  # The program of conan/test_package.
  grep 'voicebridge .*: works' "$folder/$1.log"
}
created static False
created shared True
python3 -B tests/install/conan_test.py "$venv/bin/conan" .
echo "package: everything is in order"
