# What the scripts of this folder share: a client is installed once, and runs with a home of its own that is gone afterwards.
#
# It sets $client, $modeldex, $here, $root, $cache (where the client is installed) and $work (what is left when the script ends is deleted).
set -euo pipefail
# The same order of lines everywhere.
export LC_ALL=C.UTF-8
unset CDPATH

client=$(basename "$0")
if [ $# -ne 1 ]; then
  echo "usage: tests/clients/$client MODELDEX_BINARY" >&2
  exit 2
fi
modeldex=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$root/target/clients/$client
mkdir -p "$root/target/clients"
work=$(mktemp -d "$root/target/clients/$client.XXXXXX")
# No configuration of the machine changes what is emitted.
export MODELDEX_CONFIG=$work/no-config.json
[ -x "$modeldex" ] || { echo "$client: $1 is no program" >&2; exit 2; }

fail() {
  printf '%s: %s\n' "$client" "$*" >&2
  exit 1
}

# Everything that runs beside the script is in a process group of its own, so that it can be stopped whole.
groups=()
start() {
  set -m
  "$@" < /dev/null &
  started=$!
  set +m
  groups+=("$started")
}
finish() {
  local code=$? group tries
  trap '' INT TERM HUP
  for group in ${groups[@]+"${groups[@]}"}; do
    kill -TERM -- "-$group" 2> /dev/null || continue
    for ((tries = 0; tries < 100; tries++)); do
      kill -0 -- "-$group" 2> /dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$group" 2> /dev/null || true
    wait "$group" 2> /dev/null || true
  done
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# install_once PINS COMMAND [ARGUMENT...]: runs COMMAND, which installs into $cache, unless the same pins are installed there.
install_once() {
  local pins=$1
  shift
  [ "$(cat "$cache/installed" 2> /dev/null)" = "$pins" ] && return
  printf '== %s: installing %s\n' "$client" "${pins//$'\n'/ }"
  rm -rf "$cache"
  mkdir -p "$cache"
  if "$@" > "$work/install" 2>&1; then
    printf '%s\n' "$pins" > "$cache/installed"
    return
  fi
  skip_when_out_of_reach "$work/install"
  tail -n 30 "$work/install" >&2
  fail "cannot be installed"
}

# A registry that cannot be reached says nothing about what is emitted; every other failure does, or has to be looked at.
skip_when_out_of_reach() {
  local unreachable='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|NewConnectionError|NameResolutionError'
  unreachable+='|ConnectTimeoutError|ProxyError|Temporary failure|Could not resolve|Could not connect|Network is unreachable|Connection refused|Connection timed out'
  if grep -qE "$unreachable" "$1"; then
    rm -rf "$cache"
    echo "skipped: the package registry is out of reach"
    exit 77
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_true SECONDS COMMAND [ARGUMENT...]: waits until COMMAND succeeds.
until_true() {
  local seconds=$1 began=$SECONDS
  shift
  until "$@" > /dev/null 2>&1; do
    ((SECONDS - began < seconds)) || return 1
    sleep 0.2
  done
}

# serve FOLDER: serves it on loopback; sets $url.
serve() {
  local port
  port=$(free_port)
  start python3 -m http.server "$port" --bind 127.0.0.1 --directory "$1" > "$work/http.log" 2>&1
  url=http://127.0.0.1:$port
  until_true 20 python3 -c "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('$url/', timeout=5)" || fail "no server on $url"
}

# serve_catalog: modeldex itself serves the catalog on loopback; sets $url. What it was asked is in $work/http.log.
serve_catalog() {
  local port
  port=$(free_port)
  start "$modeldex" serve --listen "127.0.0.1:$port" > "$work/http.log" 2>&1
  url=http://127.0.0.1:$port
  until_true 60 grep -q "listening on $url" "$work/http.log" || fail "modeldex does not serve on $url"
}
