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
    --preset) [[ ${2:-} ]] || usage; preset=$2; shift 2 ;;
    --label) [[ ${2:-} ]] || usage; filter=(-L "$2"); shift 2 ;;
    *) usage ;;
  esac
done

scripts/build.sh "$preset"
ctest --preset "$preset" --output-on-failure -j "$(nproc)" "${filter[@]}"
