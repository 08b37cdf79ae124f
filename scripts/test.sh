#!/usr/bin/env bash
# Builds one preset and runs its tests; ctest's summary comes last.
#   scripts/test.sh [--preset NAME] [--label REGEX]     labels: unit spec data world style integration
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n 's/^#   /usage: /p' "$0" >&2; exit 2; }

preset=release
filter=()
while (($#)); do
  case $1 in
    --preset) preset=${2:?$(usage)}; shift 2 ;;
    --label) filter=(-L "${2:?$(usage)}"); shift 2 ;;
    *) usage ;;
  esac
done

scripts/build.sh "$preset"
ctest --preset "$preset" --output-on-failure -j "$(nproc)" "${filter[@]}"
