#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "consensus/chained/block_tree.hpp"
#include "consensus/chained/guards.hpp"
#include "consensus/chained/record.hpp"
#include "consensus/core/result.hpp"

namespace waggle::chained {

class TimeoutCollector;

/// Why a walk over a block's ancestors did not succeed, and which block would let it go on.
struct WalkFailure {
  Refusal reason;
  std::optional<Digest> missing;
};
using Walk = Result<void, WalkFailure>;

/// What a commit rule says of a certified block B2.
struct CommitVerdict {
  enum class Kind : std::uint8_t {
    kNothing,    ///< It commits nothing above the head.
    kCommit,     ///< `committed` and its ancestors are final.
    kSuspended,  ///< It would, but a check failed; a later certified block commits the same.
  };
  Kind kind = Kind::kNothing;
  Node* committed = nullptr;
};

/// What a leader builds on.
struct Parent {
  Node* node = nullptr;
  TcPtr tc;  ///< Null: the block certified in the view before (3.3).
};
struct ParentChoice {
  std::optional<Parent> parent;
  struct Missing {
    Digest block;
    ReplicaId holder;
  };
  std::vector<Missing> missing;  ///< To be fetched before there can be a choice.
};

/// What a leader may look at when it chooses.
struct Outlook {
  View view;  ///< The current view, which the replica leads.
  const BlockTree& tree;
  const TimeoutCollector& timeouts;
  const SafetyRecord& record;
  const ChainConfig& config;
};

/// What makes one chained protocol differ from another: which blocks are valid, which one may be
/// voted for, what a replica stands on, what a leader builds on, and what commits. Everything
/// else (views, certificates, timeouts, fetching, durability) is common and lives in Core.
/// Implementations are immutable and decide from their arguments alone.
class Rules {
 public:
  explicit Rules(const Guards& guards) : guards_(guards) {}
  virtual ~Rules() = default;
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  /// As in the genesis file: chain.protocol.
  virtual std::string_view name() const noexcept = 0;

  /// Explicit validity of a block whose parent is present and connected to the head. Objective:
  /// every honest replica that has the ancestors decides alike. Stateless parts (signatures,
  /// sizes, the leader) were checked when the block was received.
  virtual Result<void, Refusal> check_explicit(const BlockTree& tree, const Node& node,
                                               const ChainConfig& config,
                                               const Hasher& hasher) const = 0;

  /// Whether a replica may stand or build on the block: it and what the protocol asks of its
  /// ancestors are valid.
  virtual Walk validated(const BlockTree& tree, const Node& node) const = 0;

  /// Whether a replica that has not voted in the block's view may vote for it.
  virtual Walk may_vote(const BlockTree& tree, const Node& node,
                        const SafetyRecord& record) const = 0;

  /// The tip, what a replica stands on and reports in timeouts, after a vote for `voted`.
  virtual Tip tip_after_vote(const BlockTree& tree, const Tip& tip, const Node& voted) const = 0;
  /// The tip after a certified and validated block became known.
  virtual Tip tip_after_certificate(const Tip& tip, const Node& certified) const = 0;

  /// Votes travel inside timeouts (4.7), so that a silent collector cannot lose a certificate.
  virtual bool votes_in_timeouts() const noexcept = 0;

  virtual ParentChoice choose_parent(const Outlook& outlook) const = 0;

  /// `b2` is certified and connected.
  virtual CommitVerdict judge_commit(const BlockTree& tree, const Node& b2) const = 0;

  /// What must always hold between the record and the tree; ENSUREs it.
  virtual void check_invariants(const BlockTree& tree, const SafetyRecord& record) const = 0;

  /// Guards{} but in tests.
  const Guards& guards() const noexcept { return guards_; }

 private:
  const Guards guards_;
};

}  // namespace waggle::chained
