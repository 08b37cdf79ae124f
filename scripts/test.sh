#!/usr/bin/env bash
# Builds one preset and runs its tests; ctest's summary comes last.
#   scripts/test.sh [--preset NAME] [--label REGEX] [--retry]     labels: unit spec data world style integration
# --retry gives a failed test a second try: real processes on a shared machine have deadlines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n 's/^#   /usage: /p' "$0" >&2; exit 2; }

preset=release
filter=()
retry=()
while (($#)); do
  case $1 in
    --preset) [[ ${2:-} ]] || usage; preset=$2; shift 2 ;;
    --label) [[ ${2:-} ]] || usage; filter=(-L "$2"); shift 2 ;;
    --retry) retry=(--repeat until-pass:2); shift ;;
    *) usage ;;
  esac
done

# With labels only their tests are built: integration tests alone need the programs.
targets=()
if ((${#filter[@]})); then
  for label in unit spec data world style; do
    [[ $label =~ ${filter[1]} ]] && targets+=("tests_$label")
  done
  [[ integration =~ ${filter[1]} ]] && targets=()
fi
scripts/deps.sh --tests
scripts/build.sh "$preset" "${targets[@]}"
ctest --preset "$preset" --output-on-failure -j "$(nproc)" "${filter[@]}" "${retry[@]}"
