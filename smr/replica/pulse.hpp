#pragma once

#include <optional>
#include <vector>

#include "consensus/core/chain_config.hpp"

namespace waggle::smr {

/// What moved of late and what did not, in ticks of a second: a host has no clock. Only for
/// explanations; nothing is decided by it. Deterministic, not thread-safe.
class Pulse {
 public:
  static constexpr Duration kTick = std::chrono::seconds(1);

  /// `heartbeat`: who says nothing for three of them, and three seconds, is silent.
  Pulse(const ChainConfig& config, Duration heartbeat);

  /// A valid message of this peer came, or a connection to it.
  void heard(ReplicaId peer) { heard_.at(peer.value) = now_; }
  /// The peer says that it has executed so far.
  void reported(ReplicaId peer, Height executed) { reported_.at(peer.value) = executed; }

  struct Seen {
    bool busy = false;
    Height committed;
    Height executed;
    std::uint64_t barriers_issued = 0;
    std::uint64_t barriers_durable = 0;
    std::uint64_t mempool_refusals = 0;  ///< Since the start.
  };
  void tick(const Seen& seen);

  // Ticks for which something has waited without any movement.
  std::uint32_t stalled() const noexcept { return stalled_; }    ///< Busy, no commit.
  std::uint32_t syncing() const noexcept { return syncing_; }    ///< The disk.
  std::uint32_t applying() const noexcept { return applying_; }  ///< The state machine.

  bool silent(ReplicaId peer) const;
  /// f+1 others had executed so far at the last tick, and a tick later this replica still had not.
  std::optional<Height> ahead(Height executed) const;
  bool mempool_refuses(std::uint64_t refusals) const noexcept {
    return refusals > refusals_before_;
  }

 private:
  const std::uint32_t f_;
  const std::uint64_t silence_;  ///< In ticks.
  std::uint64_t now_ = 0;
  std::vector<std::uint64_t> heard_;
  std::vector<Height> reported_;
  std::optional<Seen> last_;
  std::uint32_t stalled_ = 0;
  std::uint32_t syncing_ = 0;
  std::uint32_t applying_ = 0;
  Height others_;  ///< f+1 of them, at the last tick.
  bool behind_ = false;
  std::uint64_t refusals_before_ = 0;  ///< One to two ticks ago.
};

}  // namespace waggle::smr
