#!/usr/bin/env bash
# Runs the tests: ./test.sh [unit|e2e|all]. The last line is always "N passed, N failed, N skipped".
# ./test.sh faults runs the fault lab alone: a few seconds of each kind of fault, with --long ten minutes of each, with --seed N one run step by step.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# A guard against hanging, not a measure of speed.
readonly UNIT_SECONDS=360 E2E_SECONDS=540 SMOKE_SECONDS=600
LAB_SECONDS=360
passed=0 failed=0 skipped=0

finish() { echo "$passed passed, $failed failed, $skipped skipped"; exit "$1"; }
stop() { printf '%s\n' "$@" >&2; finish 1; }
have() { type -P "$1" >/dev/null; }

find_chromium() {
  local candidate
  for candidate in "${PLAYWRIGHT_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$candidate" ] && type -P "$candidate" && return
  done
}

# A container serves PostgreSQL where there is a daemon with the image, the machine's own server programs where there is none.
has_postgres() { docker image inspect "${POSTGRES_IMAGE:-postgres:17}" >/dev/null 2>&1 || has_postgres_programs; }

has_postgres_programs() { have postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }

missing_packages() {
  [ -n "$(find_chromium)" ] || echo chromium
  have curl || echo curl
  PATH=$PATH:/usr/sbin have mosquitto || echo mosquitto
  has_postgres || echo postgresql
  have clang || echo clang zlib1g-dev
}

install_missing() {
  local packages
  packages=$(missing_packages | tr '\n' ' ')
  [ -n "$packages" ] || return 0
  if [ "$(id -u)" != 0 ] || ! have apt-get; then
    stop "The tests need what this machine lacks. Install it and run again; on Debian or Ubuntu:" "  sudo apt-get install --no-install-recommends $packages" \
      "A Chromium in another place: PLAYWRIGHT_CHROMIUM=/path/to/chromium ./test.sh"
  fi
  echo "Installing $packages"
  # shellcheck disable=SC2086 # one word a package
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } >/tmp/fleet-apt.log 2>&1 ||
    stop "$(tail -n 5 /tmp/fleet-apt.log)" "apt-get could not install: $packages. Install them by hand and run again."
}

# Runs one test project and adds what it counted; a project in which nothing ran counts as a failure of its own.
run_project() {
  local project=$1 seconds=$2 log rc=0 counts
  log=$(mktemp)
  echo "== $(basename "$project")"
  timeout --kill-after=15s "$seconds" dotnet test --project "$project" --no-build --no-progress >"$log" 2>&1 || rc=$?
  cat "$log"
  counts=$(awk '$1 == "succeeded:" { s = $2 } $1 == "failed:" { f = $2 } $1 == "skipped:" { k = $2 } END { print s + 0, f + 0, k + 0 }' "$log")
  rm -f "$log"
  read -r s f k <<<"$counts"
  if [ "$rc" != 0 ] && [ "$f" = 0 ]; then
    f=1
    case $rc in
      124 | 137) echo "$project did not end within $seconds s" >&2 ;;
      *) echo "$project ended with exit code $rc" >&2 ;;
    esac
  fi
  passed=$((passed + s)) failed=$((failed + f)) skipped=$((skipped + k))
}

# Benchmarks judge nothing here, but nobody may break them. They need a PostgreSQL whose CPU time can be read.
run_smoke() {
  echo "== FleetManager.Benchmarks --smoke"
  if ! has_postgres_programs; then
    echo "skipped: no postgres program on this machine"
    skipped=$((skipped + 1))
  elif timeout --kill-after=60s "$SMOKE_SECONDS" tests/FleetManager.Benchmarks/bin/Debug/net10.0/FleetManager.Benchmarks all --smoke; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}

filter=${1:-all}
case $filter in
  unit | e2e | all | faults) ;;
  *) echo "usage: ./test.sh [unit|e2e|all|faults [--long | --seed N [--steps N] [--faults KINDS]]]" >&2; exit 2 ;;
esac

if [ "$filter" = faults ]; then
  have dotnet || stop "The .NET 10 SDK is needed: https://dotnet.microsoft.com/download"
  if [ "${2:-}" != "" ] && [ "$2" != --long ]; then
    dotnet build tests/FleetManager.FaultLab -v q || stop "The build failed."
    exec tests/FleetManager.FaultLab/bin/Debug/net10.0/fault-lab "${@:2}"
  fi
  [ "${2:-}" = "" ] || { export FLEET_FAULT_SECONDS=600; LAB_SECONDS=7200; }
  dotnet build tests/FleetManager.FaultLab.Tests -v q || stop "The build failed."
  run_project tests/FleetManager.FaultLab.Tests "$LAB_SECONDS"
  [ "$failed" = 0 ] && [ "$passed" != 0 ] && finish 0
  finish 1
fi

have dotnet || stop "The .NET 10 SDK is needed: https://dotnet.microsoft.com/download"
install_missing
PLAYWRIGHT_CHROMIUM=$(find_chromium)
export PLAYWRIGHT_CHROMIUM DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet build FleetManager.sln -v q || stop "The build failed."

for project in tests/*.Tests; do
  case $filter:$project in
    unit:*EndToEnd* | all:*EndToEnd*) ;;
    unit:* | all:*) run_project "$project" "$UNIT_SECONDS" ;;
  esac
done
if [ "$filter" != unit ]; then
  run_project tests/FleetManager.EndToEnd.Tests "$E2E_SECONDS"
  run_smoke
fi

[ "$failed" = 0 ] && [ "$passed" != 0 ] && finish 0
finish 1
