#!/usr/bin/env bash
# Installs the Debian packages that are missing; silent when there are none.
#   scripts/deps.sh            what it takes to build with gcc
#   scripts/deps.sh --tests    also the browser in which tests look at pages
#   scripts/deps.sh --ci       also what judges the files in docker/; for machines made for tests, since its
#                              packages may start a Prometheus
#   scripts/deps.sh --all      what --tests installs and clang with its sanitizers, formatting, coverage, benchmarks
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache protobuf-compiler
  libboost-dev libcli11-dev libfmt-dev libjemalloc-dev libprotobuf-dev librocksdb-dev libsodium-dev libspdlog-dev
  libssl-dev libtomlplusplus-dev nlohmann-json3-dev prometheus-cpp-dev
  libgmock-dev libgtest-dev libpng-dev librapidcheck-dev
)
tests=(chromium fonts-dejavu-core)
ci=(docker-compose prometheus)  # promtool comes with prometheus
extra=(clang clang-format clang-tidy libclang-rt-14-dev lld llvm gcovr libbenchmark-dev shellcheck)

case "${1:-}" in
  "") ;;
  --tests) packages+=("${tests[@]}") ;;
  --ci) packages+=("${tests[@]}" "${ci[@]}") ;;
  --all) packages+=("${tests[@]}" "${extra[@]}") ;;
  *) echo "usage: scripts/deps.sh [--tests | --ci | --all]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "deps: not a Debian system; install what cmake/dependencies.cmake asks for" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $status == ii* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "deps: need root or sudo to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# Runs a command, showing its output only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

echo "deps     ${#missing[@]} packages missing: ${missing[*]}"
echo "deps     updating package lists"
quietly "${as_root[@]}" apt-get update
echo "deps     installing (the first time this takes a few minutes)"
started=$SECONDS
quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y --no-install-recommends "${missing[@]}"
echo "deps     installed in $((SECONDS - started)) s"
