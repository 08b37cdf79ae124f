#pragma once

#include <map>
#include <set>

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// A commit is not held up (5.2) for a tip of B2's own TC that was only named and never made: an
/// honest replica certifies no block whose TC names a tip of the parent's view that it lacks (3.6).
/// A block below B2 that was never certified may name what it likes.
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
