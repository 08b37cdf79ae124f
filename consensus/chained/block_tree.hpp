#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "consensus/core/block.hpp"
#include "consensus/chained/record.hpp"

namespace waggle::chained {

class Rules;

/// What explicit validation (3.1-3.5) said of a block.
enum class Validity : std::uint8_t {
  kUnknown,  ///< An ancestor between it and the committed head is missing.
  kValid,
  kInvalid,
};

/// A well-formed block in the tree. Owned by the tree; stays in place until it is pruned.
struct Node {
  BlockPtr block;
  Node* parent = nullptr;  ///< Null while the parent is not present, and for the committed head.
  std::vector<Node*> children;
  std::optional<Forest>
      before;  ///< Forest over the ancestors' commands, once connected to the head.
  Validity validity = Validity::kUnknown;
  Refusal why_invalid{};
  QcPtr certificate;       ///< A QC for this block, once one is known.
  bool stored = false;     ///< Part of a Persist effect already.
  bool solicited = false;  ///< It was asked for.
  bool refused = false;    ///< A refusal to vote for it was reported already.

  const Digest& id() const noexcept { return block->id; }
  View view() const noexcept { return block->view(); }
  Height height() const noexcept { return block->height(); }
  bool connected() const noexcept { return before.has_value(); }
  bool valid() const noexcept { return validity == Validity::kValid; }
  bool certified() const noexcept { return certificate != nullptr; }
};

/// Well-formed blocks at and above the committed head, with what is known of each.
/// The head is the root; blocks whose branch does not reach it wait, unconnected.
/// Explicit validation happens once, when a block becomes connected.
class BlockTree {
 public:
  /// Unsolicited blocks kept per view: an equivocating leader fills no memory.
  static constexpr std::size_t kBlocksPerView = 4;
  /// Unsolicited blocks kept whose parent is missing: a replica that lags far behind fetches the
  /// rest later instead of piling it up.
  static constexpr std::size_t kUnconnectedMax = 256;
  /// Payload bytes of all blocks that are not connected, solicited ones included.
  static constexpr std::size_t kUnconnectedBytesMax = 64 << 20;
  /// Committed blocks below the head that are remembered by id.
  static constexpr std::size_t kAncestryMax = 1024;
  /// QCs kept for blocks that are not present.
  static constexpr std::size_t kLooseCertificatesMax = 256;

  BlockTree(const ChainConfig& config, const Hasher& hasher, const Rules& rules, BlockPtr genesis);

  /// Starts over from a committed head (a restart); `ancestry` are committed blocks below it.
  void reset(const ChainedBlock& head, std::vector<CommittedRef> ancestry);

  /// Adds a well-formed block. `solicited` blocks were asked for and pass the bound per view.
  /// Returns the node, also when it was there already. Refuses committed blocks, blocks that
  /// conflict with the head from an older view, and those above the bound.
  Result<Node*, Refusal> insert(const BlockPtr& block, bool solicited);

  /// Forgets a block that nothing stands on.
  void discard(Node* node);

  /// Notes a valid QC. Returns the node that it certifies, null while that is not present.
  Node* certify(const QcPtr& qc);

  Node* find(const Digest& id) const;
  const std::vector<Node*>& in_view(View view) const;
  Node* head() const noexcept { return head_; }
  bool is_committed(const Digest& id) const;
  /// A committed block at or below the head, while it is remembered.
  std::optional<CommittedRef> committed(const Digest& id) const;

  /// The certified block is of a view below the head's and was not committed (5.3).
  bool conflicts_below_head(const QcRef& certified) const;

  /// True if `descendant` is `ancestor` or reaches it by parent links.
  bool extends(const Node* descendant, const Digest& ancestor) const;
  /// The lowest block of the branch that is present: its parent is missing, or it is the head.
  const Node* lowest_present(const Node* node) const;
  /// The branch is known to leave the committed chain below its head.
  bool leaves_committed(const Node* node) const;
  /// The QC of highest view known that certifies `node` or an ancestor of it (4.3).
  QcPtr highest_qc_on_branch(const Node* node) const;
  /// Payloads that are not committed yet on the branch of `node`, itself included; empty ones left
  /// out.
  std::vector<PayloadPtr> uncommitted_payloads(const Node* node) const;
  bool has_uncommitted_payload(const Node* node) const;
  /// Blocks from just above the head up to `node`, rising.
  std::vector<Node*> path_from_head(Node* node) const;

  /// Moves the head up to `node`, a descendant, and prunes what conflicts with it and is of a
  /// lower view. Returns the ids of pruned blocks that were stored.
  std::vector<Digest> advance_head(Node* node);

  /// Blocks that became connected since the last call, parents first.
  std::vector<Digest> take_connected() { return std::exchange(connected_, {}); }

  std::size_t size() const noexcept { return nodes_.size(); }
  const std::map<Digest, std::unique_ptr<Node>>& nodes() const noexcept { return nodes_; }

 private:
  void connect(Node* node);
  void count_unconnected(const Node* node);
  void uncount_unconnected(const Node* node);
  void erase(Node* node);
  void remember_committed(const Node* node);

  const ChainConfig& config_;
  const Hasher& hasher_;
  const Rules& rules_;
  std::map<Digest, std::unique_ptr<Node>> nodes_;
  std::map<View, std::vector<Node*>> by_view_;
  std::map<Digest, std::vector<Node*>> orphans_;  ///< By missing parent.
  std::map<View, QcPtr> loose_certificates_;
  std::vector<Digest> connected_;
  std::size_t unconnected_ = 0;        ///< Unsolicited ones.
  std::size_t unconnected_bytes_ = 0;  ///< Of all.
  Node* head_ = nullptr;
  std::deque<CommittedRef> ancestry_;  ///< Rising, the head last.
  std::map<Digest, CommittedRef> ancestry_by_id_;
};

}  // namespace waggle::chained
