#include "sim/checker/held_up.hpp"

namespace waggle::sim {

namespace {
constexpr std::size_t kViewsMax = 16'384;
}

void HeldUp::on_block(const Block& block) {
  made_[block.view()].insert(block.id);
  if (made_.size() <= kViewsMax) return;
  forgotten_ = made_.begin()->first;
  made_.erase(made_.begin());
}

void HeldUp::on_held_up(ReplicaId replica, const Digest& block, const Tip& tip) {
  if (tip.view <= forgotten_) return;
  const auto made = made_.find(tip.view);
  if (made != made_.end() && made->second.contains(tip.block)) return;
  fail(told(replica) + " does not commit " + short_hex(block) + " for want of " +
       short_hex(tip.block) + " of " + told(tip.view) + " " + told(now()) +
       ", which nobody has made: no honest replica should have voted for what names it");
}

}  // namespace waggle::sim
