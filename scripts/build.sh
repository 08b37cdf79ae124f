#!/usr/bin/env bash
# Builds one preset; the programs land in <build>/bin (build/bin for release).
#   scripts/build.sh [PRESET] [TARGET...]     presets: cmake --list-presets
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
shift || true
case $preset in
  release | debug) scripts/deps.sh ;;
  *) scripts/deps.sh --all ;;
esac

targets=()
(($#)) && targets=(--target "$@")

started=$SECONDS
build=build
[[ $preset == release ]] || build=build/$preset
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "configure  preset $preset"
if ! cmake --preset "$preset" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
cmake --build --preset "$preset" "${targets[@]}"
echo "built      $build in $((SECONDS - started)) s"
