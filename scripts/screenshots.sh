#!/usr/bin/env bash
# Pictures of the web page in each of its states, on a desktop and on a phone, light and dark.
#
#   scripts/screenshots.sh FOLDER [--readme]
#
# --readme also makes the two pictures of the README anew (docs/images/*.webp).
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
scripts/setup.sh browser >&2
exec node tests/browser/screenshots.js "$folder" "$@"
