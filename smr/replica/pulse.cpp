#include "smr/replica/pulse.hpp"

#include <algorithm>
#include <functional>

namespace waggle::smr {
namespace {

constexpr std::uint64_t kSilentTicks = 3;

std::uint64_t silence_of(Duration heartbeat) {
  const auto ticks = static_cast<std::uint64_t>(3 * heartbeat / Pulse::kTick);
  return std::max(kSilentTicks, ticks + 1);
}

}  // namespace

Pulse::Pulse(const ChainConfig& config, Duration heartbeat)
    : f_(config.f()), silence_(silence_of(heartbeat)), heard_(config.n()), reported_(config.n()) {}

void Pulse::tick(const Seen& seen) {
  ++now_;
  const Seen last = last_.value_or(seen);
  const auto count = [&](std::uint32_t& ticks, bool waits) { ticks = waits ? ticks + 1 : 0; };
  count(stalled_, last_ && last.busy && seen.busy && seen.committed == last.committed);
  count(syncing_, last_ && last.barriers_durable < last.barriers_issued &&
                      seen.barriers_durable == last.barriers_durable);
  count(applying_, last_ && last.executed < last.committed && seen.executed == last.executed);

  behind_ = seen.executed < others_;
  std::vector<Height> heights = reported_;
  std::sort(heights.begin(), heights.end(), std::greater<>());
  others_ = heights.size() > f_ ? heights[f_] : Height{};
  refusals_before_ = last.mempool_refusals;
  last_ = seen;
}

bool Pulse::silent(ReplicaId peer) const { return now_ - heard_.at(peer.value) > silence_; }

std::optional<Height> Pulse::ahead(Height executed) const {
  if (!behind_ || executed >= others_) return std::nullopt;
  return others_;
}

}  // namespace waggle::smr
