#include "tests/fuzz/targets.hpp"

namespace waggle::fuzz {

std::span<const Target> targets() {
  static constexpr Target kTargets[] = {
      {"canonical", canonical},
      {"commit_proof", commit_proof},
      {"config", config},
      {"core_step", core_step},
      {"frames", frames},
      {"key_file", key_file},
      {"kv", kv},
      {"median_messages", median_messages},
      {"median_step", median_step},
      {"scenario", scenario},
      {"stored", stored},
      {"validate", validate},
  };
  return kTargets;
}

}  // namespace waggle::fuzz
