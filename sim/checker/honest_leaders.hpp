#pragma once

#include <map>
#include <set>

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// Any honest leader (AHL): a block that an honest leader proposed once the network had behaved
/// for `settling` is not left behind. It is, when a block of a higher view commits at its height
/// or below without being a descendant. A block that the leader itself made after it had failed to
/// hear of the last certificate in time is not told apart: choose `settling` long enough.
class HonestLeaders final : public Property {
 public:
  HonestLeaders(Stage& stage, Duration settling)
      : Property(stage, "honest_leaders"), settling_(settling) {}

  void on_sent(ReplicaId replica, const chained::Message& message) override;
  void on_commit(ReplicaId replica, const smr::ExecutionJob& job) override;
  void on_healed() override { healed_at_ = now(); }

  std::uint64_t proposed() const noexcept { return proposed_; }

 private:
  struct Proposed {
    View view;
    ReplicaId leader;
    Duration at;
  };

  const Duration settling_;
  std::optional<Duration> healed_at_;
  std::map<Height, std::map<Digest, Proposed>> open_;
  Height committed_;
  std::uint64_t proposed_ = 0;
};

}  // namespace waggle::sim
