#!/usr/bin/env bash
# Makes the pages of the API in build/docs/html. Fails when a public symbol has no comment, and when one names what is not
# there.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

scripts/setup.sh docs
mkdir -p build/docs
doxygen docs/Doxyfile
echo "docs: build/docs/html/index.html"
