#!/usr/bin/env bash
# Installs the Debian packages that are missing, and nothing when none is.
#
#   scripts/setup.sh                   what building the library needs
#   scripts/setup.sh demo|test|browser|package|lint|docs …  and what the demo, the tests, those in a browser, the
#                                      packages, the checks or the pages of the API need
set -euo pipefail

build_packages=(
  g++ cmake ninja-build pkg-config
  libexpected-dev libfmt-dev rapidjson-dev libsodium-dev libssl-dev libphonenumber-dev libspeexdsp-dev
  libopus-dev libspandsp-dev libasio-dev libwebsocketpp-dev libcpprest-dev libsqlite3-dev)
demo_packages=(asterisk-core-sounds-en-wav asterisk-core-sounds-fr-wav espeak-ng)
test_packages=(
  "${demo_packages[@]}" catch2 libgtest-dev libbenchmark-dev curl openssl sox sqlite3 postgresql-15 nodejs node-ws python3)
browser_packages=("${demo_packages[@]}" chromium fonts-dejavu-core nodejs)
# Node.js from elsewhere than Debian brings its npm along, and Debian's conflicts with it.
command -v npm >/dev/null || browser_packages+=(npm)
package_packages=(python3 python3-venv ccache)
lint_packages=(clang-format-14 clang-tidy-14 clang-14 libclang-rt-14-dev binutils git python3 catch2 libgtest-dev libbenchmark-dev)
docs_packages=(doxygen libexpected-dev)

wanted_packages() {
  local group
  printf '%s\n' "${build_packages[@]}"
  for group in "$@"; do
    case $group in
      demo) printf '%s\n' "${demo_packages[@]}" ;;
      test) printf '%s\n' "${test_packages[@]}" ;;
      browser) printf '%s\n' "${browser_packages[@]}" ;;
      package) printf '%s\n' "${package_packages[@]}" ;;
      lint) printf '%s\n' "${lint_packages[@]}" ;;
      docs) printf '%s\n' "${docs_packages[@]}" ;;
      *) echo "setup: no group '$group'; there are demo, test, browser, package, lint and docs" >&2; return 2 ;;
    esac
  done
}

installed_packages() {
  { dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/ ii *$//p' | sort -u
}

stop_with() {
  printf '%s\n' "$@" >&2
  exit 1
}

# The npm packages of a folder of tests, which are skipped without them: an official SDK each, or what drives
# a browser. They come from the registry that npm is set up for; where there is no npm, or it cannot reach
# one, nothing is lost but those tests.
install_npm() {
  local folder
  folder=$(dirname "$0")/../tests/$1
  command -v npm >/dev/null && [ ! -d "$folder/node_modules" ] || return 0
  echo "setup: installing the npm packages of tests/$1"
  (cd "$folder" && timeout 120 npm ci --no-audit --no-fund --ignore-scripts --fetch-retries=1 \
    --fetch-timeout=20000 >/dev/null 2>&1) ||
    echo "setup: npm could not install them; the tests of tests/$1 will be skipped"
}

install_all_npm() {
  case " $* " in *" test "*)
    install_npm integration/openai_sdk
    install_npm integration/supabase_sdk
    install_npm integration/telnyx_sdk
    install_npm integration/twilio_sdk
    ;;
  esac
  case " $* " in *" browser "*) install_npm browser ;; esac
}

wanted=$(wanted_packages "$@" | sort -u)
install_all_npm "$@"
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  # Another system: whoever runs this has installed what is needed under other names, and says so.
  [ -z "${VOICEBRIDGE_SKIP_SETUP:-}" ] || exit 0
  stop_with "setup: this is no Debian. Please install what these Debian packages hold:" "$wanted" \
    "Then run the command again with VOICEBRIDGE_SKIP_SETUP=1."
fi

mapfile -t missing < <(comm -23 <(echo "$wanted") <(installed_packages $wanted))
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    stop_with "setup: neither root nor sudo. Please have this run:" "  apt-get install ${missing[*]}"
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run WORDS COMMAND…: says what is done; what the command prints is shown only when it fails.
run() {
  local words=$1
  shift
  printf '%s\n' "$words"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null ||
    stop_with "setup: failed: $*" "$(tail -n 30 "$log")"
}

run "setup: reading the list of packages" apt-get update -q
run "setup: installing ${#missing[@]} packages: ${missing[*]}" \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
install_all_npm "$@"  # npm may have come just now.
echo "setup: done"
