#!/usr/bin/env bash
# From a fresh checkout to a running cluster: installs what is missing, builds, starts four replicas on
# this machine, submits commands, kills one replica and brings it back. Runs again in seconds.
#   scripts/quickstart.sh [--keep]     --keep leaves the cluster running
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=0
case "${1:-}" in
  "") ;;
  --keep) keep=1 ;;
  *) echo "usage: scripts/quickstart.sh [--keep]" >&2; exit 2 ;;
esac

net=.testnet-quickstart
victim=2
total_started=$SECONDS

if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi
step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
# Shows a command, then runs it with its output indented.
run() {
  printf '%s$ %s%s\n' "$dim" "$*" "$plain"
  "$@" 2>&1 | sed 's/^/  /'
}

waggle() { build/bin/waggle --cluster "$net" "$@"; }

stop() {
  local code=$?
  trap - EXIT
  [[ -x build/bin/waggle && -d $net ]] || exit "$code"
  if ((code != 0)); then
    echo >&2
    echo "quickstart failed (exit code $code); the replicas' logs are $net/replica-*/waggled.log" >&2
    waggle testnet down >/dev/null 2>&1 || true
  elif ((keep == 0)); then
    step "Stop"
    run waggle testnet down
    rm -rf "$net"
    printf '\ndone in %d s\n' "$((SECONDS - total_started))"
  fi
  exit "$code"
}
trap stop EXIT

step "Build"
scripts/build.sh release waggle waggled

# What an earlier run left, for example with --keep.
if [[ -d $net ]]; then
  waggle testnet down >/dev/null 2>&1 || true
  rm -rf "$net"
fi

step "Four replicas; one may fail in any way, and nothing is lost"
run waggle testnet init
run waggle testnet up --timeout 60

step "Commands are ordered by all and believed on two equal replies"
run waggle put city Lisbon
run waggle get city
run waggle cas city Porto --expect Lisbon
run waggle incr visits --by 41
run waggle incr visits
for i in {1..2000}; do echo "put key-$i value-$i"; done >"$net/bulk.txt"
run waggle submit --file "$net/bulk.txt"

step "A proof that it is committed, which holds without any replica"
run waggle put city Faro --proof "$net/faro.proof"
run build/bin/waggle verify "$net/faro.proof" --genesis "$net/genesis.toml"

step "Kill replica $victim with -9: the others go on"
pid=$(<"$net/replica-$victim/waggled.pid")
run kill -9 "$pid"
run waggle put city Braga
run waggle submit --file "$net/bulk.txt"
run waggle status

step "Start it again: it catches up"
run waggle testnet up --replica "$victim" --timeout 60
# The height that the others have reached, and the one that the replica has.
heights() {
  waggle status --json | tr '{' '\n' | sed -n "s/.*\"executed\":\([0-9]*\).*\"replica\":\([0-9]*\).*/\2 \1/p"
}
caught_up() {
  heights | awk -v victim="$victim" '
    $1 == victim { own = $2 }
    $1 != victim && $2 > best { best = $2 }
    END { exit !(own != "" && own >= best) }'
}
started=$SECONDS
until caught_up; do
  if ((SECONDS - started > 60)); then
    echo "replica $victim has not caught up in 60 s" >&2
    exit 1
  fi
  sleep 0.2
done
printf '  replica %s has caught up\n' "$victim"
run waggle incr visits
run waggle status

if ((keep)); then
  step "The cluster runs on ($((SECONDS - total_started)) s)"
  cat <<HELP
  export WAGGLE_CLUSTER=$net
  build/bin/waggle put KEY VALUE         build/bin/waggle scan --limit 10
  build/bin/waggle status                build/bin/waggle --help
  build/bin/waggle testnet down          stops it; $net keeps its data
HELP
fi
