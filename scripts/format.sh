#!/usr/bin/env bash
# Formats the C++ sources that git knows, or with --check lists those that differ and fails.
#   scripts/format.sh [--check] [FILE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(-i)
if [[ ${1:-} == --check ]]; then
  mode=(--dry-run --Werror)
  shift
fi
files=("$@")
((${#files[@]})) || mapfile -t files < <(git ls-files -co --exclude-standard '*.hpp' '*.cpp')
((${#files[@]})) || exit 0
clang-format "${mode[@]}" "${files[@]}"
