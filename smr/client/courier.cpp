#include "smr/client/courier.hpp"

#include <algorithm>
#include <utility>

namespace waggle::client {
namespace {

/// Between half of a span and all of it.
Duration jittered(Duration span, Rng& rng) {
  const auto half = static_cast<std::uint64_t>(std::max<Duration::rep>(span.count() / 2, 1));
  return Duration(static_cast<Duration::rep>(half + rng.below(half + 1)));
}

}  // namespace

Courier::Courier(const std::vector<bool>& up, std::uint32_t asked_first,
                 std::vector<ReplicaId> order, const Timing& timing, Duration now)
    : up_(&up),
      asked_first_(asked_first),
      order_(std::move(order)),
      timing_(timing),
      sent_(up.size()),
      first_asked_(up.size()),
      start_(now),
      next_(now + timing.fallback_after),
      interval_(timing.retry_min) {}

bool Courier::is_target(std::size_t replica, std::size_t& chosen,
                        const std::vector<bool>& settled) const {
  if (everybody_) return true;
  if (chosen >= asked_first_ || !((*up_)[replica] || settled[replica])) return false;
  ++chosen;
  return true;
}

std::vector<ReplicaId> Courier::due(Duration now, const std::vector<bool>& settled, Rng& rng) {
  if (now >= next_) {
    // Who got it before gets it again: the answer may be what was lost.
    if (everybody_) std::fill(sent_.begin(), sent_.end(), false);
    everybody_ = true;
    next_ = now + jittered(interval_, rng);
    interval_ = std::min(interval_ * 2, timing_.retry_max);
  }
  std::vector<ReplicaId> to;
  std::size_t chosen = 0;
  for (const ReplicaId id : order_) {
    const std::size_t replica = id.value;
    const bool target = is_target(replica, chosen, settled);
    if (!target || settled[replica] || sent_[replica] || !(*up_)[replica]) continue;
    sent_[replica] = true;
    if (!everybody_) first_asked_[replica] = true;
    to.push_back(id);
  }
  return to;
}

std::optional<Duration> Courier::took(Duration now, const std::vector<bool>& settled) const {
  for (std::size_t i = 0; i < settled.size(); ++i) {
    if (settled[i] && first_asked_[i]) return now - start_;
  }
  return std::nullopt;
}

std::vector<ReplicaId> Courier::let_down_by(const std::vector<bool>& settled) const {
  std::vector<ReplicaId> silent;
  for (std::uint32_t i = 0; everybody_ && i < settled.size(); ++i) {
    if (first_asked_[i] && !settled[i]) silent.push_back(ReplicaId{i});
  }
  return silent;
}

void Courier::connection_lost(ReplicaId replica) { sent_[replica.value] = false; }

void Courier::hurry(Duration now) {
  if (!everybody_) next_ = std::min(next_, now + timing_.straggler_after);
}

}  // namespace waggle::client
