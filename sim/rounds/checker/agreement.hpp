#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/rounds/checker/complaint.hpp"
#include "sim/rounds/checker/lineage.hpp"

namespace waggle::sim::rounds {

/// Judges in every round what servers committed and clients were told: of any two committed
/// sequences one is a prefix of the other, and what was acknowledged stays where it was. Looks at
/// sequences only, not at what made them.
class AgreementChecker final : public Checker {
 public:
  explicit AgreementChecker(const Lineage& lineage) : Checker("agreement"), lineage_(lineage) {}

  /// A server's committed sequence after a round.
  void on_state(std::uint32_t server, std::uint64_t round, std::uint32_t node);
  /// A client was told, by a server with this sequence, that its command is committed.
  void on_acknowledged(std::uint64_t round, std::uint32_t node);

  /// Entries of the longest sequence that all agree on.
  std::size_t length() const noexcept { return line_.size(); }
  /// Its prefixes, the one of length 1 first.
  std::span<const std::uint32_t> line() const noexcept { return line_; }

 private:
  bool join(std::uint32_t node);

  const Lineage& lineage_;
  std::vector<std::uint32_t> line_;
};

}  // namespace waggle::sim::rounds
