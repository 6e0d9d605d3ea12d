#!/usr/bin/env bash
# Passes every test, from a bare Debian: installs what is missing, builds everything, runs ctest.
#
#   scripts/test.sh [options of ctest, such as -R name]
set -euo pipefail
source "$(dirname "$0")/lib.sh"

scripts/setup.sh test
scripts/setup.sh browser || echo "test: the tests in a browser will be skipped"
configure dev -DVOICEBRIDGE_BUILD_BENCH=ON
build dev all
ctest --test-dir build/dev --output-on-failure --no-tests=error -j "$(nproc)" "$@"
