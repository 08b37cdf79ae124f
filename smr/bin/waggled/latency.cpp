#include "smr/bin/waggled/latency.hpp"

namespace waggle::daemon {

void Latency::seen(const Digest& block) {
  if (!since_.emplace(block, Clock::now()).second) return;
  order_.push_back(block);
  if (order_.size() <= kTracked) return;
  since_.erase(order_.front());
  order_.pop_front();
}

void Latency::executed(const Digest& block) {
  const auto found = since_.find(block);
  if (found == since_.end()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - found->second).count();
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  ++snapshot_.counts[bucket];
  ++snapshot_.count;
  snapshot_.sum_seconds += seconds;
}

}  // namespace waggle::daemon
