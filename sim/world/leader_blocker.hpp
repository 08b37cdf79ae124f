#pragma once

#include <set>

#include "sim/world/world.hpp"

namespace waggle::sim {

struct LeaderBlockPlan {
  std::uint32_t count = 1;  ///< Leaders of so many views to come.
  Duration reaction{0};     ///< From an honest replica's entering a view to the cuts.
};

/// An adaptive adversary in the network: whoever leads the next `count` views is cut off from
/// everybody, as seen from the highest view that any honest replica is in. When that rises, so do
/// the cuts: who leads the new view is let go, unless it leads one of the next views too.
class LeaderBlocker {
 public:
  LeaderBlocker(World& world, const LeaderBlockPlan& plan) : world_(world), plan_(plan) {}

  /// To be called once.
  void start();
  /// Lets everybody go.
  void stop();

 private:
  void aim(View highest);
  /// Cuts the replica off, or takes these cuts back.
  void cut_off(ReplicaId replica, bool cut);

  World& world_;
  const LeaderBlockPlan plan_;
  std::set<ReplicaId> blocked_;
  View aimed_at_{0};
  bool stopped_ = false;
};

}  // namespace waggle::sim
