#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "smr/median/command_table.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::sim::rounds {

/// Clients with one command in flight each; as many of them as the load needs. A client that was
/// told that its command is committed is idle until it is given the next one, all in turns.
class Clients {
 public:
  struct Pending {
    median::Handle command;
    std::uint32_t client = 0;
    median::Round submitted = 0;
  };

  explicit Clients(median::CommandTable& table) : table_(table) {}

  /// `count` clients submit a command each.
  void submit(std::uint32_t count, median::Round now);
  /// Keeps the commands for which `told` is false, in order; the others are acknowledged in this
  /// round.
  template <class Told>
  void ask(median::Round now, Told told) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const Pending pending = pending_[i];
      if (told(pending)) {
        acknowledge(pending, now);
      } else {
        pending_[kept++] = pending;
      }
    }
    pending_.resize(kept);
  }

  std::uint64_t submitted() const noexcept { return submitted_; }
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  std::size_t pending() const noexcept { return pending_.size(); }
  /// The command that this client waits for.
  std::optional<median::Handle> in_flight(std::uint32_t client) const;
  /// Rounds from submission to acknowledgement that `permille` of the acknowledged commands did
  /// not exceed; 0 without any.
  median::Round latency(std::uint32_t permille) const;
  /// In thousandths of a round.
  std::uint64_t mean_latency_milli() const;

 private:
  void acknowledge(const Pending& pending, median::Round now);

  median::CommandTable& table_;
  std::vector<Pending> pending_;
  std::deque<std::uint32_t> idle_;        ///< The one that waits longest in front.
  std::vector<std::uint64_t> numbers_;    ///< By client: of its last command.
  std::vector<std::uint64_t> latencies_;  ///< By rounds: how many commands took so long.
  std::uint64_t submitted_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace waggle::sim::rounds
