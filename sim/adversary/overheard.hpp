#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/adversary/adversary.hpp"

namespace waggle::sim {

/// What a Byzantine replica has heard and seen: blocks, votes, timeouts, commands. From these and
/// its own key it makes whatever can be made. Not thread-safe.
class Overheard {
 public:
  explicit Overheard(const AdversarySetup& setup);

  /// Takes in all that the message holds, certificates and votes inside timeouts too.
  void note(const chained::Message& message);
  /// A block that it made itself.
  void note(const BlockPtr& block) { blocks_.emplace(block->id, block); }
  /// Commands that may be put into blocks.
  void note_payload(const PayloadPtr& payload);

  const BlockPtr& genesis() const noexcept { return genesis_; }
  /// Null if it was never heard of.
  BlockPtr find(const Digest& id) const;
  /// The first block of the view that another replica proposed; null if there is none yet.
  BlockPtr proposed_in(View view) const;
  /// The timeout that a replica sent for a view: with this tip, or the first. Null if none is
  /// there.
  const Timeout* find_timeout(View view, ReplicaId sender, const std::optional<Tip>& tip) const;
  /// All votes for the block by others.
  const std::map<ReplicaId, Signature>& votes(const Digest& block) const;
  /// Null until commands were heard of.
  const PayloadPtr& payload() const noexcept { return payload_; }
  /// The forest over the commands of a block's ancestors; nothing if one of them is not known.
  std::optional<Forest> before(const Block& block) const;
  /// What it answers who asks for blocks.
  chained::Branch branch(const chained::BranchRequest& request) const;

 private:
  void note_block(const BlockPtr& block);
  void note_qc(const QuorumCert& qc);
  void note_tc(const TimeoutCert& tc);
  void note_timeout(const Timeout& timeout);

  const AdversarySetup& setup_;
  const BlockPtr genesis_;
  std::map<Digest, BlockPtr> blocks_;
  std::map<View, BlockPtr> proposals_;
  std::map<Digest, std::map<ReplicaId, Signature>> votes_;
  std::map<std::pair<View, ReplicaId>, std::vector<Timeout>> timeouts_;
  PayloadPtr payload_;
};

}  // namespace waggle::sim
