#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/world/world.hpp"

namespace waggle::sim {

/// Lets the faults and adversaries of a scenario come and go in a world. To be made before the
/// world starts; must outlive its run, as must the scenario.
class FaultPlayer {
 public:
  FaultPlayer(World& world, const Scenario& scenario);

  /// Puts everything into the world's queue. To be called once, right after the world's start.
  void schedule();
  /// When the last fault that ends has ended, the last that does not has begun, no place strikes
  /// any more, and GST is reached.
  Duration healed_at() const noexcept { return healed_at_; }
  /// What random faults did so far, as faults of the other kinds.
  std::vector<FaultSpec> drawn() const;

 private:
  /// One fault under way, and what its end needs to know.
  struct Playing {
    const FaultSpec* spec;
    std::vector<std::uint64_t> rules;
    std::unique_ptr<Nemesis> nemesis;
    std::unique_ptr<LeaderBlocker> blocker;
  };
  void begin(Playing& playing);
  void end(Playing& playing);
  void begin_partition(const PartitionFault& fault, bool for_good);
  void for_each_cut(const FaultSpec& spec, const std::function<void(Address, Address)>& call);
  void play_adversary(const AdversarySpec& spec);

  World& world_;
  const Scenario& scenario_;
  std::vector<Playing> playing_;
  Duration healed_at_{0};
};

}  // namespace waggle::sim
