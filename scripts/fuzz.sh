#!/usr/bin/env bash
# Fuzzes each target for some time, from its corpus in tests/fuzz/corpus. What is found is kept as
# build/fuzz/findings/TARGET-crash-*: repeat it with build/fuzz/bin/fuzz_TARGET FILE, mend it, and put
# the file into the target's corpus, where a test replays it from then on.
#   scripts/fuzz.sh [SECONDS_PER_TARGET] [TARGET...]     60 s and all targets by default
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-60}
shift || true
targets=("$@")
if ((${#targets[@]} == 0)); then
  for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi
scripts/build.sh fuzz "${targets[@]/#/fuzz_}"

failed=0
mkdir -p build/fuzz/findings
for target in "${targets[@]}"; do
  # What mutation finds goes to a folder of its own and is the start of the next run.
  grown=build/fuzz/corpus/$target
  log=build/fuzz/$target.log
  mkdir -p "$grown"
  verdict=ok
  "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=8192 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
    "$grown" "tests/fuzz/corpus/$target" >"$log" 2>&1 || { verdict=FAILED; failed=1; }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
  printf '%-14s %-7s %10s runs  %s\n' "$target" "$verdict" "${runs:-?}" "${covered:-}"
  [[ $verdict == ok ]] || tail -n 40 "$log"
done
exit "$failed"
