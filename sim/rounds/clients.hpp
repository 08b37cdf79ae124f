#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "sim/base/random.hpp"
#include "smr/median/command_table.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::sim::rounds {

/// The client's key, and its command of that number; variant 1 is what a client submits besides
/// that submits two.
ClientId client_id(std::uint32_t client);
Bytes command_bytes(std::uint32_t client, std::uint64_t number, std::uint8_t variant);

/// Clients with one command in flight each; as many of them as the load needs. A client that was
/// told that its command is committed is idle until it is given the next one, all in turns. Some
/// break the rules: they submit two different commands under each number.
class Clients {
 public:
  struct Pending {
    median::Handle command;
    std::optional<median::Handle> other;  ///< Of the same number.
    std::uint32_t client = 0;
    std::uint64_t number = 0;
    median::Round submitted = 0;
  };

  /// `doubling`: the share of clients that break the rules.
  Clients(median::CommandTable& table, const Hasher& hasher, Share doubling)
      : table_(table), hasher_(hasher), doubling_(doubling) {}

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
  /// In the order in which they were submitted.
  const std::vector<Pending>& pending_commands() const noexcept { return pending_; }
  std::size_t pending() const noexcept { return pending_.size(); }
  /// The command that this client waits for.
  std::optional<median::Handle> in_flight(std::uint32_t client) const;
  /// Rounds from submission to acknowledgement that `permille` of the acknowledged commands did
  /// not exceed; 0 without any.
  median::Round latency(std::uint32_t permille) const;
  /// In thousandths of a round.
  std::uint64_t mean_latency_milli() const;

 private:
  bool doubles(std::uint32_t client) const;
  median::Handle command(std::uint32_t client, std::uint64_t number, std::uint8_t variant);
  void acknowledge(const Pending& pending, median::Round now);

  median::CommandTable& table_;
  const Hasher& hasher_;
  Share doubling_;
  std::vector<Pending> pending_;
  std::deque<std::uint32_t> idle_;        ///< The one that waits longest in front.
  std::vector<std::uint64_t> numbers_;    ///< By client: of its last command.
  std::vector<std::uint64_t> latencies_;  ///< By rounds: how many commands took so long.
  std::uint64_t submitted_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace waggle::sim::rounds
