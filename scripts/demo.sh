#!/usr/bin/env bash
# The whole flow, offline, from a bare Debian: installs what is missing, builds, runs the demo.
#
#   scripts/demo.sh [--carrier telnyx|twilio] [--sip | --transfer | --web [--seconds N]] [--json] [options of voicebridge-server demo]
set -euo pipefail
source "$(dirname "$0")/lib.sh"

# Stdout is the demo's alone, for --json.
{
  scripts/setup.sh demo
  configure release -DVOICEBRIDGE_BUILD_TESTS=OFF
  build release voicebridge-server voicebridge-sim
} >&2

exec build/release/examples/server/voicebridge-server demo "$@"
