# Everything is a function until the last line, so that a download that was cut short does nothing.
set -eu

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

choose_platform() {
  [ "$(uname -s)" = Linux ] || fail "The agent is installed by this script on Linux only; this is $(uname -s)."
  case $(uname -m) in
    x86_64 | amd64) platform=linux-x64 ;;
    aarch64 | arm64) platform=linux-arm64 ;;
    *) fail "There is no agent for the processor $(uname -m): x86_64 and aarch64 are supported." ;;
  esac
}

# FLEET_PREFIX and FLEET_AGENT_DATA_DIR choose other places, FLEET_SERVICE=no makes no service; without root everything stays in the user's home.
choose_places() {
  if [ "$(id -u)" = 0 ]; then
    prefix=${FLEET_PREFIX:-/usr/local}
    data=${FLEET_AGENT_DATA_DIR:-/var/lib/fleet-agent}
  else
    [ -n "${HOME:-}" ] || fail "HOME is not set: set it, or run this script as root."
    prefix=${FLEET_PREFIX:-$HOME/.local}
    data=${FLEET_AGENT_DATA_DIR:-$HOME/.fleet-agent}
  fi
  case $prefix$data in
    *[!A-Za-z0-9/._-]*) fail "FLEET_PREFIX and FLEET_AGENT_DATA_DIR may hold letters, digits and / . _ - only." ;;
  esac
  case $prefix in /*) ;; *) fail "FLEET_PREFIX must start with /." ;; esac
  case $data in /*) ;; *) fail "FLEET_AGENT_DATA_DIR must start with /." ;; esac
}

fetch() {
  if have curl; then curl -fsSL --retry 3 -o "$2" "$1"
  elif have wget; then wget -q -O "$2" "$1"
  else fail "Neither curl nor wget is here: install one (apt-get install curl) and run this script again."
  fi
}

# The hash of a package of the server; nothing when it has none of that name.
offered() {
  for package in $packages; do
    case $package in "$1="*) printf '%s' "${package#*=}" ;; esac
  done
}

# Sets agent to the program. A package of the server goes before an agent that is here already: running the script again updates it.
get_agent() {
  # Debian's package goes to places of its own and brings the service along, so only where that is wanted.
  deb=
  if [ "$(id -u)" = 0 ] && have dpkg && [ "${FLEET_SERVICE:-}" != no ] && [ -z "${FLEET_PREFIX:-}" ] && [ "$data" = /var/lib/fleet-agent ] && [ -n "$(offered "$platform.deb")" ]; then
    deb=yes
    package_name=$platform.deb
  else
    package_name=$platform
  fi
  hash=$(offered "$package_name")
  if [ -z "$hash" ]; then
    agent=$(command -v fleet-agent) || fail "This server offers no agent for $platform, and there is no fleet-agent on PATH." \
      "Put fleet-agent-$platform.tar.gz into the server's Fleet:Devices:PackageDirectory, or install fleet-agent by hand, and run this script again."
    say "Using $agent: this server offers no agent for $platform."
    return
  fi
  for tool in tar gzip sha256sum; do
    have "$tool" || fail "$tool is missing: install it (apt-get install $tool) and run this script again."
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  say "Downloading the agent for $platform."
  fetch "$server/devices/v2/$install_id/packages/$package_name" "$work/agent" || fail "The agent could not be downloaded from $server."
  printf '%s  %s\n' "$hash" "$work/agent" | sha256sum -c - >/dev/null 2>&1 || fail "The agent was damaged on its way: run this script again."
  if [ -n "$deb" ]; then install_deb; else install_tar; fi
}

install_deb() {
  mv "$work/agent" "$work/fleet-agent.deb"
  if ! dpkg -i "$work/fleet-agent.deb"; then
    # What it depends on is not here yet.
    have apt-get || fail "The package could not be installed; dpkg said why."
    DEBIAN_FRONTEND=noninteractive apt-get install -y -f || fail "What the package needs could not be installed; apt-get said why."
  fi
  # The unit of an installation without the package would go before the package's.
  rm -f /etc/systemd/system/fleet-agent.service
  agent=/usr/lib/fleet-agent/fleet-agent
}

install_tar() {
  mkdir -p "$prefix/lib" "$prefix/bin" || fail "$prefix can not be written: run this script as root, or set FLEET_PREFIX."
  rm -rf "$prefix/lib/fleet-agent.new" "$prefix/lib/fleet-agent.old"
  mkdir "$prefix/lib/fleet-agent.new"
  # Root would give the files to whichever user of this device has the number of the one who made the package: -o keeps them.
  tar -xozf "$work/agent" -C "$prefix/lib/fleet-agent.new"
  [ -f "$prefix/lib/fleet-agent.new/fleet-agent" ] || fail "The server's package holds no fleet-agent at its top: it must be made anew."
  chmod 755 "$prefix/lib/fleet-agent.new" "$prefix/lib/fleet-agent.new/fleet-agent"
  # A running agent keeps the files that it has open.
  [ ! -e "$prefix/lib/fleet-agent" ] || mv "$prefix/lib/fleet-agent" "$prefix/lib/fleet-agent.old"
  mv "$prefix/lib/fleet-agent.new" "$prefix/lib/fleet-agent"
  rm -rf "$prefix/lib/fleet-agent.old"
  ln -sf "$prefix/lib/fleet-agent/fleet-agent" "$prefix/bin/fleet-agent"
  agent=$prefix/lib/fleet-agent/fleet-agent
}

# A member of the identity file, which may be written in one line or many.
member() { tr -d '[:space:]' <"$data/identity.json" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

enroll() {
  if [ -f "$data/identity.json" ] && [ "$(member proved)" = true ]; then
    [ "$(member deviceId)" = "$device_id" ] || fail "$data belongs to another device, $(member deviceId): set FLEET_AGENT_DATA_DIR to a directory of its own, or remove that one."
    say "This device is enrolled already."
    return
  fi
  mkdir -p "$data" || fail "$data can not be written: run this script as root, or set FLEET_AGENT_DATA_DIR."
  chmod 700 "$data"
  "$agent" enroll --server "$server" --token "$install_id" --data-dir "$data"
  # Root wrote it; the package's user is to read it, whoever starts the agent.
  [ -z "$deb" ] || chown -R fleet-agent:fleet-agent "$data"
}

# The agent needs no rights of root: it gets a user of its own. The package has made both already.
make_service() {
  if [ -z "$deb" ] && { [ ! -f /lib/systemd/system/fleet-agent.service ] || [ "$data" != /var/lib/fleet-agent ]; }; then
    if ! id fleet-agent >/dev/null 2>&1; then
      useradd --system --user-group --no-create-home --home-dir "$data" --shell /usr/sbin/nologin fleet-agent
    fi
    printf '%s' "$unit" | sed "s|/usr/lib/fleet-agent/fleet-agent|$agent|g; s|/var/lib/fleet-agent|$data|g" >/etc/systemd/system/fleet-agent.service
  fi
  chown -R fleet-agent:fleet-agent "$data"
  systemctl daemon-reload
  systemctl enable fleet-agent.service
  systemctl restart fleet-agent.service
  say "The service fleet-agent runs: systemctl status fleet-agent"
}

main() {
  say "Installing the FleetManager agent for $device_name ($device_id) of $server."
  choose_platform
  choose_places
  get_agent
  enroll
  if [ "${FLEET_SERVICE:-}" != no ] && [ "$(id -u)" = 0 ] && have systemctl && [ -d /run/systemd/system ]; then
    make_service
  else
    say "No service was made: that needs root and systemd. Start the agent with: $agent run --data-dir $data"
  fi
  say "Done."
}

main
