#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "net/event_loop.hpp"
#include "smr/config/genesis.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::daemon {

/// Says when rounds of a median chain begin by this machine's clock (docs/spec/median-smr.md, 9):
/// round = (now - start) / length. Rounds rise; those that went by unseen are left out, and none
/// begins twice when the clock is set back. Used by the loop's thread.
class RoundClock {
 public:
  RoundClock(net::EventLoop& loop, const config::MedianGenesis& genesis)
      : timer_(loop), start_ms_(genesis.start_ms), round_ms_(genesis.round_ms) {}

  /// The round at a time in milliseconds since 1970; nothing before the first one begins.
  std::optional<median::Round> round_at(std::uint64_t now_ms) const {
    if (now_ms < start_ms_) return std::nullopt;
    return (now_ms - start_ms_) / round_ms_;
  }
  /// Calls `begins` whenever a round begins, and soon for the current one.
  void start(std::function<void(median::Round)> begins);
  void stop() { timer_.cancel(); }

 private:
  void look();

  net::Timer timer_;
  const std::uint64_t start_ms_;
  const std::uint64_t round_ms_;
  std::optional<median::Round> last_;
  std::function<void(median::Round)> begins_;
};

/// Milliseconds since 1970 UTC by this machine's clock.
std::uint64_t now_ms();

}  // namespace waggle::daemon
