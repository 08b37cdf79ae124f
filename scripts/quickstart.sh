#!/usr/bin/env bash
# From a fresh checkout to a running cluster: installs what is missing, builds, starts replicas on this
# machine, submits commands, makes some fail and brings them back. Runs again in seconds.
#   scripts/quickstart.sh [--protocol pbeegees|median] [--keep]
#     pbeegees   four replicas, one of which is killed (the default)
#     median     ten servers; three are stopped, then all
#     --keep     leaves the cluster running
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { echo "usage: scripts/quickstart.sh [--protocol pbeegees|median] [--keep]" >&2; exit 2; }
keep=0
protocol=pbeegees
while (($# > 0)); do
  case "$1" in
    --keep) keep=1 ;;
    --protocol) protocol="${2:-}"; shift ;;
    *) usage ;;
  esac
  shift || usage
done
[[ $protocol == pbeegees || $protocol == median ]] || usage

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

# Four replicas, of which one may fail in any way.
show_pbeegees() {
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
    waggle status --json | grep -oE '"(executed|replica)":[0-9]+' | awk -F: '
      $1 == "\"executed\"" { height = $2 }
      $1 == "\"replica\"" { if (height != "") print $2, height; height = "" }'
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
}

# Ten servers, of which a majority has to answer within a round; nobody lies.
show_median() {
  local -r lines=200
  pid_of() { echo "$(<"$net/replica-$1/waggled.pid")"; }
  signal() {
    local -r name=$1
    shift
    local pids=()
    for server in "$@"; do pids+=("$(pid_of "$server")"); done
    run kill "-$name" "${pids[@]}"
  }

  step "Ten servers without a leader; four may be blocked or crashed, and nothing is lost"
  run waggle testnet init --protocol median --replicas 10
  run waggle testnet up --timeout 60

  step "Commands are put into an order by the median rule, and sealed by a majority"
  run waggle put city Lisbon
  run waggle get city
  run waggle cas city Porto --expect Lisbon
  run waggle incr visits --by 41
  for ((i = 1; i <= lines; ++i)); do echo "put key-$i value-$i"; done >"$net/bulk.txt"
  run waggle submit --file "$net/bulk.txt"

  step "Three servers are stopped (SIGSTOP), as if blocked: the others go on"
  signal STOP 1 4 7
  run waggle incr visits
  run waggle submit --file "$net/bulk.txt"
  run waggle status

  step "All are stopped for three seconds, in the middle of $lines writes"
  sed 's/value/later/' "$net/bulk.txt" >"$net/later.txt"
  printf '%s$ waggle submit --file %s/later.txt &%s\n' "$dim" "$net" "$plain"
  waggle submit --file "$net/later.txt" >"$net/later.out" 2>&1 &
  local -r submitting=$!
  sleep 0.5
  signal STOP 0 2 3 5 6 8 9
  sleep 3

  step "They go on: the system recovers, and every write is acknowledged"
  signal CONT 0 1 2 3 4 5 6 7 8 9
  wait "$submitting" || { cat "$net/later.out" >&2; exit 1; }
  sed 's/^/  /' "$net/later.out"
  run waggle get city
  run waggle get visits

  step "All of them end with equal states, and no acknowledged command is lost"
  await_equal_states
  local found
  found=$(waggle scan key- --limit 1000 --json | grep -o '"later-[0-9]*"' | wc -l)
  printf '  %s of %s acknowledged values are there\n' "$found" "$lines"
  ((found == lines))
  run waggle status
}

# All replicas have executed the same length, and their digests are the same.
await_equal_states() {
  local -r started=$SECONDS
  until [[ $(waggle status --json | tr ',' '\n' | grep -c '"state_digest"') == 10 &&
    $(waggle status --json | tr ',' '\n' | grep '"state_digest"' | sort -u | wc -l) == 1 ]]; do
    if ((SECONDS - started > 60)); then
      echo "the states are not equal after 60 s" >&2
      exit 1
    fi
    sleep 0.2
  done
}

"show_$protocol"

if ((keep)); then
  step "The cluster runs on ($((SECONDS - total_started)) s)"
  cat <<HELP
  export WAGGLE_CLUSTER=$net
  build/bin/waggle put KEY VALUE         build/bin/waggle scan --limit 10
  build/bin/waggle status                build/bin/waggle --help
  build/bin/waggle testnet down          stops it; $net keeps its data
HELP
fi
