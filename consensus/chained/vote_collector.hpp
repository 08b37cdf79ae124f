#pragma once

#include <optional>
#include <vector>

#include "consensus/core/buggify.hpp"
#include "consensus/core/certificates.hpp"
#include "consensus/core/refusal.hpp"

namespace waggle::chained {

/// Gathers vote signatures, whether they came as votes or inside timeouts (4.7), until a quorum
/// makes a QC. Bounded: of every replica the votes of its highest views are kept.
class VoteCollector {
 public:
  static constexpr std::size_t kVotesPerReplica = 16;

  /// `buggify`: only in tests.
  explicit VoteCollector(const ChainConfig& config, Buggify* buggify = nullptr)
      : config_(config), buggify_(buggify), votes_(config.n()) {}

  struct Added {
    QcPtr qc;  ///< When this vote completes a quorum.
    /// kDuplicate: a second vote of the replica in one view changes nothing, only its first counts.
    /// kTooMany: a vote of use, of the view before `current` or above, gave way to higher ones.
    /// kStaleView: below all that are kept, and of no use.
    std::optional<Refusal> refused;
  };
  /// Adds a verified vote; `current` is the own view.
  Added add(ReplicaId voter, View view, const Digest& block, const Signature& signature,
            View current);

  /// Who voted for a block; they have it (4.3: a missing block is fetched).
  std::vector<ReplicaId> voters(View view, const Digest& block) const;

 private:
  struct Kept {
    View view;
    Digest block;
    Signature signature;
  };
  const ChainConfig& config_;
  Buggify* const buggify_;
  std::vector<std::vector<Kept>> votes_;  ///< By replica; rising views.
};

}  // namespace waggle::chained
