#include "sim/world/metrics.hpp"

#include <algorithm>
#include <bit>

namespace waggle::sim {

void Histogram::add(std::uint64_t value, std::uint64_t times) {
  const auto bits = static_cast<int>(std::bit_width(value));
  const int dropped = std::max(bits - 7, 0);
  counts_[value >> dropped << dropped] += times;
  count_ += times;
  max_ = std::max(max_, value);
}

std::uint64_t Histogram::quantile(std::uint32_t permille) const {
  const std::uint64_t wanted = (count_ * permille + 999) / 1000;
  std::uint64_t seen = 0;
  for (const auto& [value, count] : counts_) {
    seen += count;
    if (seen >= wanted && count > 0) return value;
  }
  return 0;
}

void Metrics::on_proposed(const Block& block, Duration now) {
  open_.emplace(block.view(), Proposed{block.id, now});
}

void Metrics::on_commit(const Block& block, View view, Duration now) {
  if (block.height() <= committed_) return;
  committed_ = block.height();
  // Blocks of lower views that are not committed by now never will be.
  for (auto at = open_.begin(); at != open_.end() && at->first <= block.view();
       at = open_.erase(at)) {
    if (at->second.block != block.id) continue;
    views_.add(view.value - block.view().value);
    micros_.add(static_cast<std::uint64_t>((now - at->second.at).count()));
  }
}

void Metrics::on_acknowledged(const ClientId& client, std::uint64_t number, Duration now,
                              Duration round) {
  const auto submitted = submitted_.extract({client, number});
  if (!submitted) return;
  const Duration took = now - submitted.mapped();
  micros_.add(static_cast<std::uint64_t>(took.count()));
  views_.add(static_cast<std::uint64_t>(took / round));
}

}  // namespace waggle::sim
