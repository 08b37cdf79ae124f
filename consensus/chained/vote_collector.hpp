#pragma once

#include <vector>

#include "consensus/core/buggify.hpp"
#include "consensus/core/certificates.hpp"

namespace waggle::chained {

/// Gathers vote signatures, whether they came as votes or inside timeouts (4.7), until a quorum
/// makes a QC. Bounded: of every replica the votes of its highest views are kept.
class VoteCollector {
 public:
  static constexpr std::size_t kVotesPerReplica = 16;

  /// `buggify`: only in tests.
  explicit VoteCollector(const ChainConfig& config, Buggify* buggify = nullptr)
      : config_(config), buggify_(buggify), votes_(config.n()) {}

  /// Adds a verified vote. Returns the QC when this vote completes a quorum. A second vote of a
  /// replica in one view changes nothing: only its first counts.
  QcPtr add(ReplicaId voter, View view, const Digest& block, const Signature& signature);

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
