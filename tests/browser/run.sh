#!/usr/bin/env bash
# One file of browser tests: tests/browser/run.sh FILE. Exit status 77, which CTest knows as "skipped", only where
# what drives the browser cannot be had; scripts/setup.sh browser installs it on Debian.
set -euo pipefail
cd "$(dirname "$0")"

skip() {
  echo "skipped: $1 (scripts/setup.sh browser installs it on Debian)"
  exit 77
}

command -v node >/dev/null || skip "there is no node"
[ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] || skip "node $(node --version) is older than 20"
case $1 in unit*) ;; *)
  [ -d node_modules/playwright-core ] || skip "the npm packages of tests/browser are not installed"
  command -v "${CHROMIUM:-chromium}" >/dev/null || skip "there is no chromium"
  command -v espeak-ng >/dev/null || skip "there is no espeak-ng"
  ;;
esac
# The time-out is that of a whole file too, which takes minutes; what a test waits for has limits of its own.
exec node --test --test-reporter=spec --test-timeout=1400000 "$1"
