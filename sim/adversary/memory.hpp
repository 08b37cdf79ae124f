#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/adversary/adversary.hpp"

namespace waggle::sim {

/// The view that a message is about; 0 if it is about none.
View view_of(const chained::Message& message);
/// Whether it answers another message. Who adds to answers, too, may with a second liar of that
/// kind raise a storm that never ends.
bool is_answer(const chained::Message& message);

/// What a Byzantine replica has heard, and what its own core said: blocks, votes, certificates,
/// timeouts, commands. The last of it, so that it stays bounded. The setup must outlive it.
class Memory {
 public:
  explicit Memory(const AdversarySetup& setup);

  /// Takes in all that the message holds. What `from` is the replica itself: its core says it.
  void note(ReplicaId from, const chained::Message& message);
  /// A block that it made.
  void note(const BlockPtr& block);

  /// The highest view in which its own core spoke.
  View view() const noexcept { return view_; }
  /// Null: unknown, or forgotten.
  BlockPtr find(const Digest& id) const;
  std::vector<BlockPtr> in_view(View view) const;
  /// The forest over all commands up to the block's; nothing while an ancestor is unknown.
  std::optional<Forest> after(const Digest& id);
  /// Heard of, or put together from q votes. Null if there is none.
  QcPtr certificate(View view) const;
  /// The highest; that of the genesis at first.
  const QcPtr& high_qc() const noexcept { return high_qc_; }
  /// What others gave up the view with, the highest tip of each.
  std::vector<Timeout> timeouts(View view) const;
  /// Views of which it remembers timeouts of others.
  std::vector<View> given_up() const;
  /// Commands that were in some block; null before the first.
  const PayloadPtr& spare() const noexcept { return spare_; }
  /// The others, who was heard last at the end.
  std::vector<ReplicaId> quietest_first() const;

  /// Where a fork would have to begin: below the block that the highest certificate commits.
  struct ForkPoint {
    BlockPtr parent;
    QcPtr qc;  ///< Of the parent or of an ancestor.
  };
  std::optional<ForkPoint> fork_point() const;

 private:
  struct Known {
    BlockPtr block;
    std::optional<Forest> before;
  };
  void note_block(const BlockPtr& block, const std::optional<Forest>& before);
  void note_qc(const QcPtr& qc);
  void note_tc(const TimeoutCert& tc);
  void note_vote(ReplicaId voter, View view, const Digest& block, const Signature& signature);
  void note_timeout(const Timeout& timeout);
  void note_proof(const chained::ViewProof& proof);

  static constexpr std::size_t kBlocksMax = 512;
  static constexpr std::size_t kViewsMax = 16;  ///< Of votes and timeouts.

  const AdversarySetup& setup_;
  View view_{1};
  QcPtr high_qc_;
  PayloadPtr spare_;
  std::map<Digest, Known> blocks_;
  std::multimap<View, Digest> by_view_;
  std::map<View, std::map<Digest, std::map<ReplicaId, Signature>>> votes_;
  std::map<View, QcPtr> certificates_;
  std::map<View, std::map<ReplicaId, Timeout>> timeouts_;
  std::vector<std::uint64_t> heard_at_;  ///< By replica; counts messages.
  std::uint64_t heard_ = 0;
};

}  // namespace waggle::sim
