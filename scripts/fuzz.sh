#!/usr/bin/env bash
# Fuzzes each target for some time, from its corpus in tests/fuzz/corpus, as many at once as there are
# cores. What is found is kept as build/asan-ubsan/fuzz/findings/TARGET-crash-*: repeat it with
# build/asan-ubsan/bin/fuzz_TARGET FILE, mend it, and put the file into the target's corpus, where a
# test replays it from then on.
#   scripts/fuzz.sh [SECONDS] [TARGET...]     each for so long; 60 s and all targets by default
#   scripts/fuzz.sh --total SECONDS           all targets, within about so long
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=60
total=
case ${1:-} in
  --total) total=$2; shift 2 ;;
  [0-9]*) seconds=$1; shift ;;
esac
targets=("$@")
if ((${#targets[@]} == 0)); then
  for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi
at_once=$(nproc)
((at_once <= ${#targets[@]})) || at_once=${#targets[@]}
[[ -z $total ]] || seconds=$((total * at_once / ${#targets[@]}))
((seconds > 0)) || seconds=1
scripts/build.sh asan-ubsan "${targets[@]/#/fuzz_}"

build=build/asan-ubsan
mkdir -p "$build/fuzz/findings"

fuzz() {
  local target=$1 verdict=ok
  # What mutation finds goes to a folder of its own and is the start of the next run.
  local grown=$build/fuzz/corpus/$target log=$build/fuzz/$target.log
  mkdir -p "$grown"
  "$build/bin/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=8192 -print_final_stats=1 -artifact_prefix="$build/fuzz/findings/$target-" \
    "$grown" "tests/fuzz/corpus/$target" >"$log" 2>&1 || verdict=FAILED
  local runs covered
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 || true)
  printf '%-16s %-7s %10s runs  %s\n' "$target" "$verdict" "${runs:-?}" "${covered:-}"
  [[ $verdict == ok ]] || { tail -n 40 "$log"; return 1; }
}

failed=0
running=0
for target in "${targets[@]}"; do
  ((running < at_once)) || { wait -n || failed=1; running=$((running - 1)); }
  fuzz "$target" &
  running=$((running + 1))
done
while ((running > 0)); do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
