#pragma once

#include <optional>
#include <vector>

#include "consensus/chained/messages.hpp"

namespace waggle::chained {

/// Where a replica stands in 4.10. kRejoining is stored before the first challenge is sent, so
/// that a crash in the middle of a rejoin is not taken for a healthy start.
enum class RejoinPhase : std::uint8_t { kNone, kRejoining };

/// What must be durable before anything that depends on it is sent (spec, section 4).
struct SafetyRecord {
  View last_voted_view;
  Digest last_voted_block;
  View last_timeout_view;
  View last_proposed_view;  ///< May run ahead: a reservation.
  Tip tip;
  QcPtr high_qc;
  View view;        ///< The view the replica was in.
  ViewProof entry;  ///< The certificate by which it was entered.
  RejoinPhase rejoin = RejoinPhase::kNone;
  Digest rejoin_nonce;
  View rejoin_bound;  ///< M of 4.10; zero for a replica that never lost its memory.
  Digest head;        ///< Last committed block.
};

Bytes encode_record(const SafetyRecord& record);
/// Nothing on anything but the exact encoding of a record.
std::optional<SafetyRecord> decode_record(ByteView bytes);

/// One barrier's worth of changes.
struct Record {
  SafetyRecord safety;
  std::vector<ChainedBlock> blocks;  ///< To be stored, rising height.
  std::vector<Digest> dropped;       ///< Stored blocks that lost against a committed one.
};

/// A committed block below the head: enough to recognise it as an ancestor.
struct CommittedRef {
  Digest id;
  View view;
  Height height;
};

/// What a restarted replica reads back.
struct Recovered {
  /// Nothing: a first start.
  std::optional<SafetyRecord> safety;
  /// The committed head first, then the stored blocks from above it up to the tip, rising.
  /// Empty: genesis is the head.
  std::vector<ChainedBlock> blocks;
  /// The last committed blocks below the head, rising; as many as BlockTree::kAncestryMax.
  std::vector<CommittedRef> ancestry;
  /// Start of 4.10: the data directory was empty on a running chain.
  bool rejoin = false;
};

}  // namespace waggle::chained
