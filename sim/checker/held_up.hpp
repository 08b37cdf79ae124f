#pragma once

#include <map>
#include <set>

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// A commit is held up (5.2) for a tip that somebody made, never for one that was only named: an
/// honest replica certifies no block whose TC names a tip of the parent's view that it lacks (3.6).
class HeldUp final : public Property {
 public:
  explicit HeldUp(Stage& stage) : Property(stage, "held_up") {}

  void on_block(const Block& block) override;
  void on_held_up(ReplicaId replica, const Digest& block, const Tip& tip) override;

 private:
  std::map<View, std::set<Digest>> made_;
  View forgotten_{0};  ///< Blocks of this view and lower ones are not known any more.
};

}  // namespace waggle::sim
