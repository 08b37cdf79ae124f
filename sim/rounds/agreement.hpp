#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smr/median/history.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::sim::rounds {

/// Judges in every round what servers committed and clients were told: of any two committed
/// sequences one is a prefix of the other, and what was acknowledged stays where it was. Looks at
/// sequences only, not at what made them.
class AgreementChecker {
 public:
  explicit AgreementChecker(const median::History& history) : history_(history) {}

  /// A server's committed sequence after a round.
  void on_state(std::uint32_t server, median::Round round, median::StateRef state);
  /// A client was told, by a server with this state, that its command is committed.
  void on_acknowledged(median::Round round, median::StateRef state);

  bool holds() const noexcept { return !violation_; }
  /// The first violation, in words.
  const std::optional<std::string>& violation() const noexcept { return violation_; }
  median::Round violated_at() const noexcept { return violated_at_; }
  /// Entries of the longest sequence that all agree on.
  std::size_t length() const noexcept { return line_.size(); }

 private:
  bool join(median::StateRef state);
  void fail(median::Round round, std::string what);

  const median::History& history_;
  std::vector<median::StateRef> line_;  ///< The state of each length, from 1 on.
  std::optional<std::string> violation_;
  median::Round violated_at_ = 0;
};

}  // namespace waggle::sim::rounds
