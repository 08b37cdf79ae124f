#!/usr/bin/env bash
# What is too slow for every change: all tests under the sanitizers, a clang release build, many seeds
# of the deterministic world, an hour of fuzzing, coverage. Runs every step, then says which failed.
#   scripts/nightly.sh
# WAGGLE_SEEDS: percent of each world test's usual seeds in the long run; the default of 10000, a hundred
# times as many, takes about an hour of one core.
# WAGGLE_EXPLORE: drawn scenarios, a range of its own for each day; the default of 100000 takes as long.
# WAGGLE_EXPLORE_ROUNDS: the same for the median core; 10000 take about 25 minutes of one core.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/deps.sh --all

seeds=${WAGGLE_SEEDS:-10000}
explored=${WAGGLE_EXPLORE:-100000}
explored_rounds=${WAGGLE_EXPLORE_ROUNDS:-10000}
day=$(($(date +%s) / 86400))
unset WAGGLE_SEEDS  # the other steps run as many as in CI

results=()
failed=0
step() {
  local name=$1 started=$SECONDS verdict=ok
  shift
  echo "=== $name"
  "$@" || { verdict=FAILED; failed=1; }
  results+=("$(printf '%-24s %-7s %6d s' "$name" "$verdict" $((SECONDS - started)))")
}

# shellcheck disable=SC2317  # called by name, through step
coverage() {
  scripts/test.sh --preset coverage --label '^(unit|spec|data|world)$' &&
    gcovr --root . --object-directory build/coverage --exclude tests/ --exclude build/ \
      --txt build/coverage/coverage.txt --html-details build/coverage/coverage.html &&
    tail -n 3 build/coverage/coverage.txt
}

step "gcc release"       env WAGGLE_CHAOS_SECONDS=240 scripts/test.sh
step "clang release"     scripts/test.sh --preset clang
step "asan-ubsan"        scripts/test.sh --preset asan-ubsan
step "tsan"              scripts/test.sh --preset tsan --label '^(unit|spec|world|integration)$'
step "world, many seeds" env WAGGLE_SEEDS="$seeds" scripts/test.sh --label '^world$'
step "explore"           build/bin/waggle-sim explore --jobs "$(nproc)" --save build/failures \
  --seeds "$((day * explored + 1))..$(((day + 1) * explored))"
step "explore rounds"    build/bin/waggle-sim explore --core median --jobs "$(nproc)" --save build/failures \
  --seeds "$((day * explored_rounds + 1))..$(((day + 1) * explored_rounds))"
step "fuzz"              scripts/fuzz.sh --total 3600
step "coverage"          coverage

echo
printf '%s\n' "${results[@]}"
exit "$failed"
