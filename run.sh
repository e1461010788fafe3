#!/usr/bin/env bash
# A whole fleet on this machine: the server on its embedded defaults, one agent enrolled by the real command, and a camera.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly HTTP_PORT=${FLEET_HTTP_PORT:-5080} BROKER_PORT=${FLEET_BROKER_PORT:-1883} AGENT_PORT=${FLEET_AGENT_PORT:-8001}
readonly URL=http://127.0.0.1:$HTTP_PORT STORE=http://127.0.0.1:$AGENT_PORT
readonly SERVER=src/FleetManager.Server AGENT=agent/FleetManager.Agent CAMERA=tests/FleetManager.Simulator
readonly START_SECONDS=60 STOP_SECONDS=15

usage() {
  cat <<'TEXT'
./run.sh           build what changed, start the server, a local agent and a camera; Ctrl-C stops them
./run.sh --reset   forget all data of earlier runs (.run) and start over

FLEET_HTTP_PORT    console and REST, 5080
FLEET_BROKER_PORT  MQTT broker, 1883
FLEET_AGENT_PORT   the agent's Event Store API, 8001
TEXT
}

fail() { printf '%s\n' "$@" >&2; exit 1; }

# The names and process ids of what runs, in the order in which it was started.
names=() pids=()

launch() {
  local name=$1; shift
  dotnet "$@" >".run/$name.log" 2>&1 &
  names+=("$name") pids+=("$!")
}

# The last started stops first: the agent says goodbye to a server that still runs.
stop_all() {
  local i deadline
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${pids[i]}" 2>/dev/null || continue
    deadline=$((SECONDS + STOP_SECONDS))
    while kill -0 "${pids[i]}" 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    kill -KILL "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
  pids=()
}

ctrl_c() {
  trap '' INT TERM
  echo
  echo "Stopping."
  stop_all
  exit 0
}

check_alive() {
  local i
  for i in "${!pids[@]}"; do
    kill -0 "${pids[i]}" 2>/dev/null && continue
    printf '%s\n' "The ${names[i]} ended. The end of .run/${names[i]}.log:" >&2
    tail -n 20 ".run/${names[i]}.log" >&2
    return 1
  done
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Needs no curl: a fresh machine may have none.
answers() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
    read -r -t 5 _ status _ <&3
    [ "$status" = 200 ]
  ) 2>/dev/null
}

wait_for() {
  local what=$1 port=$2 path=$3 deadline=$((SECONDS + START_SECONDS))
  until answers "$port" "$path"; do
    check_alive || return 1
    [ $SECONDS -lt $deadline ] || { echo "The $what did not get ready within $START_SECONDS s; see .run/$what.log" >&2; return 1; }
    sleep 0.1
  done
}

dll() { echo "$1/bin/Release/net10.0/$2.dll"; }

build() {
  local project
  # A build that has nothing to do still takes seconds; no file newer than the last one means that there is nothing.
  if [ -f .run/built ] && [ -f "$(dll $SERVER FleetManager.Server)" ] && [ -f "$(dll $AGENT fleet-agent)" ] && [ -f "$(dll $CAMERA fleet-sim)" ] &&
    [ -z "$(find src agent $CAMERA ./*.props global.json -newer .run/built -type f -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]; then
    return
  fi
  touch .run/building
  for project in $SERVER $AGENT $CAMERA; do
    echo "Building $project"
    dotnet build "$project" -c Release -v q --nologo -clp:ErrorsOnly || fail "The build failed."
  done
  # The stamp is as old as the start of the build: a file saved meanwhile is built next time.
  mv .run/building .run/built
}

admin() { dotnet "$(dll $SERVER FleetManager.Server)" admin "$@" "--Fleet:DataDirectory=$PWD/.run/server"; }

enroll() {
  local token
  [ -f .run/enrolled ] && return
  token=$(admin enrollment-token create --uses 1 --expires 1h)
  dotnet "$(dll $AGENT fleet-agent)" enroll --server "$URL" --token "$token" --name local --data-dir "$PWD/.run/agent"
  touch .run/enrolled
}

sign_in() {
  grep -Eo 'https?://[^ ]*fl_[0-9a-f]{64}[^ ]*' .run/server.log | tail -n 1
}

case ${1:-} in
  '') ;;
  --reset) reset=1 ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

command -v dotnet >/dev/null || fail "The .NET 10 SDK is needed: https://dotnet.microsoft.com/download"
dotnet --version >/dev/null || fail "global.json asks for the .NET 10 SDK: https://dotnet.microsoft.com/download"
taken "$HTTP_PORT" && fail "Port $HTTP_PORT is taken (is another run.sh running?). Choose another: FLEET_HTTP_PORT=5081 ./run.sh"
taken "$BROKER_PORT" && fail "Port $BROKER_PORT is taken. Choose another for the MQTT broker: FLEET_BROKER_PORT=1884 ./run.sh"
taken "$AGENT_PORT" && fail "Port $AGENT_PORT is taken. Choose another for the agent: FLEET_AGENT_PORT=8002 ./run.sh"

mkdir -p .run
[ -z "${reset:-}" ] || find .run -mindepth 1 ! -name built -delete
build

trap ctrl_c INT TERM
trap stop_all EXIT
launch server "$(dll $SERVER FleetManager.Server)" --urls "$URL" "--Fleet:DataDirectory=$PWD/.run/server" "--Fleet:Broker:Port=$BROKER_PORT"
wait_for server "$HTTP_PORT" /health/ready
enroll
launch agent "$(dll $AGENT fleet-agent)" run --data-dir "$PWD/.run/agent"
wait_for agent "$AGENT_PORT" /health
launch camera "$(dll $CAMERA fleet-sim)" camera --samples samples --rate 1 --to "$STORE"

link=$(sign_in || true)
cat <<TEXT

Console      $URL
Sign in      ${link:-with the account that you made} ${link:+ (once; it makes the first admin)}
Event Store  $STORE, one photograph a second
Logs         .run/server.log, .run/agent.log, .run/camera.log

Ctrl-C stops everything.
TEXT

while check_alive; do
  # A sleep in the foreground would hold Ctrl-C back until it ends.
  sleep 1 &
  wait $! || true
done
exit 1
