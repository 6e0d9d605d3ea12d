#!/usr/bin/env bash
# Checks what a compiler does not: form, layers, headers, exported symbols, doc comments, lengths, real bugs that
# clang-tidy sees.
#
#   scripts/lint.sh          clang-tidy looks at what changed since the branch left main (or since LINT_SINCE)
#   scripts/lint.sh --all    … at everything (takes long)
#   scripts/lint.sh --fix    writes the form and the list of headers anew first
set -euo pipefail
source "$(dirname "$0")/lib.sh"

all=false
fix=false
for argument in "$@"; do
  case $argument in
    --all) all=true ;;
    --fix) fix=true ;;
    *) echo "lint: no option '$argument'; there are --all and --fix" >&2; exit 2 ;;
  esac
done

sources() { git ls-files '*.cpp' '*.hpp' | grep -v '^tests/data/'; }

# Where the branch left main; on main itself the commit before. LINT_SINCE names another.
changed_since() {
  local base
  if [ -n "${LINT_SINCE:-}" ] && git rev-parse -q --verify "$LINT_SINCE"; then return; fi
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-parse -q --verify HEAD~1 || git rev-parse HEAD)
  fi
  echo "$base"
}

tidy_files() {
  if $all; then
    git ls-files 'src/*.cpp' 'examples/*.cpp'
  else
    git diff --name-only --diff-filter=d "$(changed_since)" -- 'src/*.cpp' 'examples/*.cpp'
  fi
}

check_form() {
  sources | xargs clang-format-14 --dry-run --Werror 2>&1 |
    sed -n 's/^\([^:]*\):.*clang-format-violations.*/\1: is not in form; run scripts\/lint.sh --fix/p' | uniq
}
check_layers() { python3 -B cmake/check_layers.py .; }
check_headers() { python3 -B cmake/check_headers.py . --compile build/dev/include; }
check_symbols() {
  build dev voicebridge_shared voicebridge_testing_shared &&
    python3 -B cmake/check_symbols.py build/dev/src/libvoicebridge.so build/dev/src/libvoicebridge_testing.so
}
# A path of somebody's machine has no place in the tree.
check_paths() { ! git grep -n -I -E '(^|[^A-Za-z0-9_./$}-])/(home|root|work|Users|mnt)/[A-Za-z0-9_.-]+/' -- . ':!tests/data'; }
check_docs() { scripts/docs.sh >/dev/null; }
check_shell() {
  local script
  for script in scripts/*.sh .ci/run; do bash -n "$script" || return 1; done
}
check_tidy() {
  local files
  files=$(tidy_files)
  [ -z "$files" ] && return
  # Nothing is built there: of a source inside a unity build the flags would be guessed. The standard is named
  # because the compiler of that tree may have it by itself, and clang 14 has not.
  configure tidy -DVOICEBRIDGE_WITH_BENCH=ON
  echo "$files" | xargs -P "$(nproc)" -n 4 \
    clang-tidy-14 -p build/tidy --quiet --extra-arg-before=-std=c++17 2>/dev/null
}

failed=()
check() {
  echo "lint: $1"
  "check_$1" || failed+=("$1")
}

scripts/setup.sh lint
configure dev -DVOICEBRIDGE_WITH_BENCH=ON
if $fix; then
  sources | xargs clang-format-14 -i
  python3 -B cmake/check_headers.py . --fix
fi
for name in form layers headers symbols docs paths shell tidy; do check "$name"; done
echo "lint: lengths (a report)"
python3 -B cmake/check_lengths.py .

if [ "${#failed[@]}" -gt 0 ]; then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
echo "lint: everything is in order"
