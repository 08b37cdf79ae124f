#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace waggle {

/// How many seeds to run instead of `seeds`: WAGGLE_SEEDS percent, and at least one.
inline std::uint64_t scaled(std::uint64_t seeds) {
  const char* percent = std::getenv("WAGGLE_SEEDS");
  if (percent == nullptr) return seeds;
  return std::max<std::uint64_t>(1, seeds * std::strtoull(percent, nullptr, 10) / 100);
}

}  // namespace waggle
