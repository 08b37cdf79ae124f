#pragma once

#include <algorithm>

#include "sim/rounds/checker/complaint.hpp"

namespace waggle::sim::rounds {

/// Judges that commands are acknowledged in time: within `bound` rounds, counted from the round in
/// which the adversary has calmed down.
class LivenessChecker final : public Checker {
 public:
  LivenessChecker(std::uint64_t calm, std::uint64_t bound)
      : Checker("liveness"), calm_(calm), bound_(bound) {}

  /// After a round; the oldest command that nobody was told of was submitted in round `submitted`.
  void on_pending(std::uint64_t round, std::uint64_t submitted);

 private:
  std::uint64_t calm_;
  std::uint64_t bound_;
};

}  // namespace waggle::sim::rounds
