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

# Passes on a step every ten seconds, the last one, and all that is no step: warnings and errors.
progress() {
  local line last='' next=$SECONDS
  while IFS= read -r line; do
    if [[ ! $line =~ ^\[[0-9]+/[0-9]+\] ]]; then
      printf '%s\n' "$line"
    elif ((SECONDS >= next)); then
      printf '%s\n' "$line"
      next=$((SECONDS + 10)) last=''
    else
      last=$line
    fi
  done
  [ -z "$last" ] || printf '%s\n' "$last"
}
