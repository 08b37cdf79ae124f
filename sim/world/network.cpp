#include "sim/world/network.hpp"

#include <algorithm>

namespace waggle::sim {

void Network::send(ReplicaId from, ReplicaId to, const Deliver& deliver) {
  if (!is_cut(from, to)) pass(deliver);
}

std::set<std::pair<ReplicaId, ReplicaId>> Network::heal() {
  std::set<std::pair<ReplicaId, ReplicaId>> healed;
  for (const auto& [from, to] : cuts_) healed.insert(std::minmax(from, to));
  cuts_.clear();
  return healed;
}

void Network::pass(const Deliver& deliver) {
  if (rng_.chance(quality.lost_permille)) return;
  const int copies = rng_.chance(quality.doubled_permille) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    Duration delay = rng_.between(quality.delay_min, quality.delay_max);
    if (rng_.chance(quality.slow_permille)) delay *= quality.slow_factor;
    events_.after(delay, deliver);
  }
}

}  // namespace waggle::sim
