#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/core/result.hpp"
#include "sim/base/random.hpp"
#include "smr/median/log.hpp"

namespace waggle::sim::rounds {

using median::Round;

/// What an adversary knows when it blocks for a round: all up to the end of the round before, and
/// nothing of this round's random choices (it is 1-late). One element per server; what a world
/// does not have is empty.
struct Sight {
  Round round = 0;
  std::uint32_t n = 0;
  std::span<const std::uint8_t> holds = {};        ///< Holds a value or log.
  std::span<const std::uint32_t> answered = {};    ///< Requests that it answered in the last round.
  std::span<const std::uint64_t> values = {};      ///< In worlds of single values.
  std::span<const median::LogView> logs = {};      ///< In worlds of logs.
  std::span<const std::uint64_t> committed = {};   ///< Entries.
  std::span<const std::uint64_t> checkpoint = {};  ///< The window of its newest one.
  /// Of the targeted client, the first one: its command in flight, and which servers it, or an
  /// append request with it, went to in the last round.
  std::optional<median::Handle> target = {};
  std::span<const std::uint8_t> reached = {};
};

/// Who cannot send or receive in this round, who does nothing at all, who hears whom, and who
/// restarts before it.
struct Blocking {
  std::vector<std::uint8_t> blocked;    ///< By server.
  std::vector<std::uint8_t> side;       ///< By server, if there is a partition: hears its own only.
  std::vector<std::uint8_t> asleep;     ///< By server; whoever sleeps is blocked, too.
  std::vector<std::uint32_t> restarts;  ///< They lose all that is not durable. May repeat.
  std::vector<std::uint32_t> losses;    ///< They restart and lose what is durable as well.
  Share lost;                           ///< Of the ways from server to server, drawn by `salt`.
  std::uint64_t salt = 0;

  /// Nobody is blocked, sleeps or restarts, and everybody hears everybody.
  void clear(std::uint32_t n) {
    blocked.assign(n, 0);
    asleep.assign(n, 0);
    side.clear();
    restarts.clear();
    losses.clear();
    lost = {};
  }
  bool is_blocked(std::uint32_t server) const { return blocked[server] != 0; }
  /// Whether `a` hears `b`; with loss, `b` may hear `a` all the same.
  bool hears(std::uint32_t a, std::uint32_t b) const {
    if (a == b) return true;
    if (!side.empty() && side[a] != side[b]) return false;
    return lost.ppm == 0 || !Random(salt ^ (std::uint64_t{a} << 32 | b)).chance(lost);
  }
};

/// A blocking adversary. Has memory; one per run.
class Blocker {
 public:
  virtual ~Blocker() = default;
  /// `out` comes with nobody blocked and no partition; several blockers may add to it.
  virtual void block(const Sight& sight, Random& random, Blocking& out) = 0;
};

/// A strategy of the command line. What stands for its arguments: SHARE is written like 12.5%,
/// ROUNDS, FROM and SERVER are numbers, and what stands in brackets may be left out.
struct Strategy {
  std::string_view name;
  std::string_view arguments;  ///< As they are written behind the name.
  std::string_view what;       ///< Whom it blocks.
};
/// All of them, in the order of the documentation.
std::span<const Strategy> strategies();

/// Makes a blocker from text such as "fresh:10%" or "surge:40+25", or from several with commas
/// between, which then block together. Behind each may stand when it does, "@FROM+ROUNDS", and
/// that it comes again, "@FROM+ROUNDS/EVERY". The error says what is wrong with it.
Result<std::unique_ptr<Blocker>, std::string> make_blocker(std::string_view text);

}  // namespace waggle::sim::rounds
