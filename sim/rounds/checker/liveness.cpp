#include "sim/rounds/checker/liveness.hpp"

namespace waggle::sim::rounds {

void LivenessChecker::on_pending(std::uint64_t round, std::uint64_t submitted) {
  const std::uint64_t since = std::max(submitted, calm_);
  if (round < since || round - since < bound_) return;
  complain(round, "a command of round " + std::to_string(submitted) + " waits for " +
                      std::to_string(bound_) +
                      " rounds, though the adversary is calm since round " + std::to_string(calm_));
}

}  // namespace waggle::sim::rounds
