#include "smr/bin/waggled/round_clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace waggle::daemon {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Looks at the clock at least this often: somebody may set it.
constexpr milliseconds kLookAgain{1000};

microseconds since_1970() {
  return duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

std::uint64_t now_ms() {
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(since_1970()).count());
}

void RoundClock::start(std::function<void(median::Round)> begins) {
  begins_ = std::move(begins);
  look();
}

void RoundClock::look() {
  const microseconds now = since_1970();
  const auto at_ms = static_cast<std::uint64_t>(duration_cast<milliseconds>(now).count());
  const std::optional<median::Round> round = round_at(at_ms);
  const std::uint64_t next_ms = start_ms_ + (round ? (*round + 1) * round_ms_ : 0);
  const microseconds until = milliseconds(next_ms) - now;
  timer_.start(std::min<microseconds>(until, kLookAgain), [this] { look(); });
  if (!round || (last_ && *round <= *last_)) return;
  last_ = round;
  begins_(*round);
}

}  // namespace waggle::daemon
