# What the scripts share. To be sourced; leaves the caller in the root of the source tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# configure PRESET [OPTION…]: quiet, unless it fails.
configure() {
  local log=build/$1/configure.log
  mkdir -p "build/$1"
  echo "configuring build/$1"
  if ! cmake --preset "$@" >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
}

# build PRESET TARGET…: one line a step on a terminal, elsewhere one every so often.
build() {
  local preset=$1
  shift
  echo "building build/$preset${*:+: $*}"
  if [ -t 1 ]; then
    cmake --build "build/$preset" --target "$@"
  else
    cmake --build "build/$preset" --target "$@" | progress
  fi
}

# Passes on every 50th step, the last one, and all that is no step: warnings and errors.
progress() {
  awk '
    /^\[[0-9]+\/[0-9]+\]/ { last = $0; shown = 0; if (++steps % 50 == 0) { print; fflush(); shown = 1 } next }
    { print; fflush() }
    END { if (last != "" && !shown) print last }'
}
