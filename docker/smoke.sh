#!/usr/bin/env bash
# Runs a cluster in containers and does to it what happens to clusters; one line per step.
#   docker/smoke.sh [--no-build] [--or-skip] [4 | 7]
#     --no-build   with the image that is there
#     --or-skip    where there is no Docker or no base image: says so, and ends with 0
# Needs a Docker engine and Compose 2 (docker compose) or 1 (docker-compose). WAGGLE_BUILD_NETWORK=host builds in
# the host's network. Takes the time of a build and two minutes more. Removes all but the image.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

n=4
build=1
or_skip=0
for word; do
  case $word in
    --no-build) build=0 ;;
    --or-skip) or_skip=1 ;;
    4 | 7) n=$word ;;
    *) echo "usage: docker/smoke.sh [--no-build] [--or-skip] [4 | 7]" >&2; exit 2 ;;
  esac
done
f=$(((n - 1) / 3))

cannot() {
  if ((or_skip)); then
    echo "docker/smoke.sh: skipped, $1"
    exit 0
  fi
  echo "docker/smoke.sh: $1" >&2
  exit 1
}
if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose=(docker-compose)
else
  cannot "neither docker compose nor docker-compose is here"
fi
docker info >/dev/null 2>&1 || cannot "no Docker engine answers"
base=debian:bookworm-slim
if ((build)) && ! docker image inspect $base >/dev/null 2>&1 && ! docker pull $base >/dev/null 2>&1; then
  cannot "$base cannot be had"
fi

project=waggle-smoke-$n
log=$(mktemp)
extra=()  # containers beside those of the services: a client, a replica that rejoins
compose() { "${compose[@]}" -f "docker/compose-$n.yml" -p "$project" "$@"; }
remove() {
  ((${#extra[@]} == 0)) || docker rm -f "${extra[@]}"
  compose down --volumes --remove-orphans --timeout 10
}

# Steps are told on 3; what commands print goes to the log, and is seen only if a step fails.
exec 3>&1 >>"$log" 2>&1
say() { printf '%s\n' "$1" >&3; }
current="start"
started=$SECONDS
# Ends the step before and names the next.
step() {
  [[ $current == start ]] || say "$(printf 'ok %5d s   %s' $((SECONDS - started)) "$current")"
  current=$1
  started=$SECONDS
  : >"$log"
}
finish() {
  local code=$?
  trap - EXIT
  if ((code != 0)); then
    say "$(printf 'FAILED %3d s   %s' $((SECONDS - started)) "$current")"
    tail -n 40 "$log" >&3
    compose logs --tail 15 >&3 || true
  fi
  remove || true
  rm -f "$log"
  exit "$code"
}
trap finish EXIT

# Tries a command until it succeeds, for so many seconds.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      echo "not in time: $*"
      return 1
    fi
    sleep 1
  done
}
waggle() { docker exec "$client" waggle --timeout 30 "$@"; }
# The container of a replica, and its volume for what it remembers.
container() { compose ps -q "replica-$1"; }
data_of() {
  docker inspect -f '{{range .Mounts}}{{if eq .Destination "/waggle/replica/data"}}{{.Name}}{{end}}{{end}}' "$1"
}
network_of() {
  docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}' "$1"
}
is_healthy() { [[ $(docker inspect -f '{{.State.Health.Status}}' "$1") == healthy ]]; }
has_ended() { [[ $(docker inspect -f '{{.State.Status}}' "$1") == exited ]]; }
# A container in which waggle runs, since one by compose run for every command is slow.
start_client() {
  client=$(compose run -d --entrypoint sleep client 3600 | tail -n 1)
  extra=("$client")
}
stop_client() {
  docker rm -f "$client"
  extra=()
}
# All replicas answer, agree, and have executed the same height.
are_level() {
  local status
  status=$(waggle status --json) || return 1
  echo "$status"
  [[ $status != *'"phase":"rejoining"'* ]] || return 1
  tr '{' '\n' <<<"$status" | sed -n 's/.*"executed":\([0-9]*\).*/\1/p' | sort | uniq -c |
    awk -v n="$n" '{ count = $1 } END { exit !(NR == 1 && count == n) }'
}
is_down() { ! docker exec "$client" waggle status --replica "$1"; }

# Writes and reads; the proof of each write must hold for one who has nothing but the genesis file.
writes=0
work() {
  local proof
  for _ in 1 2 3; do
    writes=$((writes + 1))
    proof=/client/$writes.proof
    waggle put "key-$writes" "value-$writes" --proof "$proof"
    waggle verify "$proof" --genesis /waggle/genesis.toml
    waggle get "key-$writes" | grep -w "value-$writes"
  done
}

step "compose file of $n replicas is valid (${compose[*]})"
compose config -q
remove  # what an earlier run may have left

if ((build)); then
  step "build the image"
  compose build
fi

step "up: all $n replicas are healthy"
compose up -d
replicas=()
for ((i = 0; i < n; ++i)); do
  replicas+=("$(container "$i")")
  await 120 is_healthy "${replicas[i]}"
done

step "a client by compose run"
compose run --rm client put first 1
start_client
await 60 are_level

step "commands commit, and their proofs hold"
work

step "kill $f: the others go on"
for ((i = 1; i <= f; ++i)); do docker kill -s KILL "${replicas[i]}"; done
work
for ((i = 1; i <= f; ++i)); do is_down "$i"; done

step "start again: caught up"
for ((i = 1; i <= f; ++i)); do docker start "${replicas[i]}"; done
await 120 are_level

step "cut $f off the network: the others go on"
network=$(network_of "${replicas[2]}")
for ((i = 2; i < 2 + f; ++i)); do docker network disconnect "$network" "${replicas[i]}"; done
work
for ((i = 2; i < 2 + f; ++i)); do is_down "$i"; done

step "heal: caught up"
for ((i = 2; i < 2 + f; ++i)); do
  docker network connect --alias "replica-$i" "$network" "${replicas[i]}"
done
await 120 are_level
work

victim=$((n - 1))
step "lose the volume of replica $victim: it does not start as if it were new"
volume=$(data_of "${replicas[victim]}")
compose rm --stop --force init "replica-$victim"
docker volume rm "$volume"
work
compose up -d "replica-$victim"
lost=$(docker ps -aq --filter "volume=$volume" --filter "label=com.docker.compose.service=replica-$victim")
await 60 has_ended "$lost"
[[ $(docker inspect -f '{{.State.ExitCode}}' "$lost") == 2 ]]

step "rejoin"
compose rm --stop --force "replica-$victim"
rejoiner=$(compose run -d --no-deps --use-aliases "replica-$victim" \
  waggled --config /waggle/replica/waggled.toml --rejoin | tail -n 1)
extra+=("$rejoiner")
await 120 are_level
docker stop "$rejoiner"
compose up -d --no-deps "replica-$victim"
await 120 is_healthy "$(container "$victim")"
await 120 are_level

step "down and up again: nothing is lost, and every proof holds"
docker rm -f "$rejoiner"
stop_client
compose down --timeout 10
compose up -d
start_client
await 120 are_level
waggle get first | grep -w 1
work
for ((i = 1; i <= writes; ++i)); do
  waggle verify "/client/$i.proof" --genesis /waggle/genesis.toml
done

step "lost public files: no new cluster is made over the old one's data"
stop_client
compose down --timeout 10
docker volume rm "${project}_public"
if compose run --rm init; then exit 1; fi
grep -q "has data of an older cluster" "$log"

step "down"
remove
step ""
say "$writes writes with proofs, $n replicas: all steps passed"
