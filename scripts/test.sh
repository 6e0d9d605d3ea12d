#!/usr/bin/env bash
# Passes every test, from a bare Debian: installs what is missing, builds everything, runs ctest.
#
#   scripts/test.sh [--browser] [options of ctest, such as -R name]
#
# --browser: the web page in a real Chromium, too, which is installed for it and takes some minutes of an idle machine.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

without=(-LE browser)
scripts/setup.sh test
if [ "${1:-}" = --browser ]; then
  shift
  without=()
  scripts/setup.sh browser
fi
configure dev -DVOICEBRIDGE_WITH_BENCH=ON
build dev all
# One more at a time than there are processors: many tests wait for a clock.
ctest --test-dir build/dev --output-on-failure --no-tests=error -j "$(($(nproc) + 1))" "${without[@]}" "$@"
