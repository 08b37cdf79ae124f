#pragma once

#include <vector>

#include "sim/adversary/adversary.hpp"

namespace waggle::sim {

/// Makes messages and blocks as its replica could: signed with that key and no other. What others
/// must have signed has to be handed in. The setup must outlive it.
class Author {
 public:
  explicit Author(const AdversarySetup& setup);

  const BlockPtr& genesis() const noexcept { return genesis_; }

  chained::Vote vote(View view, const Digest& block) const;
  /// Without a vote, and with the genesis as the highest QC.
  Timeout timeout(View view, const Tip& tip) const;
  /// Puts another tip into a timeout of this replica; the vote on the old one goes.
  void retip(Timeout& timeout, const Tip& tip) const;
  /// Exactly these timeouts, with a full quorum or not.
  TcPtr tc(View view, std::vector<Timeout> timeouts) const;

  struct Draft {
    View view;
    BlockPtr parent;
    Forest history;  ///< Over all commands up to the parent's.
    QcPtr qc;
    TcPtr tc;            ///< May be null.
    PayloadPtr payload;  ///< Null: none.
  };
  BlockPtr block(const Draft& draft) const;
  /// The block with another payload.
  BlockPtr with_payload(const Block& block, PayloadPtr payload) const;
  /// The first request of a payload so many times over, as far as the limits let it; repeated
  /// commands execute as nothing. No copies, or no request: the empty payload.
  PayloadPtr copies(const PayloadPtr& payload, std::size_t count) const;
  Digest random_digest(Random& rng) const;

 private:
  BlockPtr signed_block(Block block) const;

  const AdversarySetup& setup_;
  const BlockPtr genesis_;
};

}  // namespace waggle::sim
