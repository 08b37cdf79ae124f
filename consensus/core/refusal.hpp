#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waggle {

/// Why bytes from a peer or a client were not acted upon. Each is counted under its name.
enum class Refusal : std::uint8_t {
  // Bytes and signatures (stateless).
  kMalformed,        ///< Not a canonical encoding of the expected type, or trailing bytes.
  kTooLarge,         ///< Above a limit of the genesis file or of the transport.
  kUnknownReplica,   ///< Replica id outside 0 .. n-1.
  kWrongSender,      ///< The message does not belong to the connection it came by.
  kBadSignature,     ///< A signature does not verify (wrong key, wrong chain, changed content).
  kDuplicateSigner,  ///< One replica counted twice in a certificate.
  kTooFewSigners,    ///< Fewer than q signers (or f+1 where that is asked).
  kBadCertificate,   ///< Certificate of the wrong view or block, or inconsistent in itself.
  kBadPayload,       ///< Payload does not parse or does not match the payload root.
  // Validity of blocks, rules 3.1-3.7.
  kWrongLeader,         ///< 3.1: not from the leader of its view.
  kBadHeight,           ///< 3.1: height is not the parent's plus one.
  kBadView,             ///< 3.1: view not above the parent's.
  kQcNotAncestor,       ///< 3.2: the QC certifies no strict ancestor.
  kQcBelowParent,       ///< 3.2: the QC is older than the parent's own.
  kNotFastForm,         ///< 3.3: without a TC the QC must be of the view before, for the parent.
  kTipAboveTc,          ///< 3.4: a tip of a view above the TC's.
  kRankNotMaximal,      ///< 3.4: the parent is not a tip of maximal rank.
  kFalseRank,           ///< 3.4: the claimed rank is not the real one.
  kBadHistoryRoot,      ///< 3.5: not the root that the ancestors give.
  kPayloadBeyondDepth,  ///< 3.5: payload on an uncertified suffix deeper than D.
  kMissingAncestor,     ///< 3.6: a block of the walk is not present.
  kInvalidAncestor,     ///< 3.6: a block of the walk is not explicitly valid.
  kMissingTip,          ///< 3.6: a tip of the parent's view is not present and valid.
  kConflictsCommitted,  ///< The branch leaves the committed chain.
  kNotOnItsQc,          ///< HotStuff: the parent is not the block that the QC certifies.
  kConflictsLock,       ///< HotStuff: it neither extends the lock nor has a higher QC.
  // State of the protocol, rules 4.x.
  kStaleView,        ///< Below the own view; nothing changed.
  kFutureView,       ///< A block of a view that its own certificates do not enter; not kept.
  kAlreadyVoted,     ///< 4.2: at most one vote per view.
  kAlreadyTimedOut,  ///< 4.4: no vote after a timeout of that view.
  kPassive,          ///< 4.10: this replica is rejoining.
  kTooMany,          ///< A bound on kept messages or blocks is reached.
  kUnsolicited,      ///< An answer that nobody asked for.
  kDuplicate,        ///< Seen before; nothing changed.
  kUnprovenView,     ///< 4.10: a report whose justification does not reach the view it claims.
  kRateLimited,      ///< 4.10: rejoin challenges above the rate.
  // Clients.
  kClientNotAllowed,  ///< The genesis file does not list this client.
  kNumberOld,         ///< Already executed, and the first result is no longer kept.
  kNumberTaken,       ///< Two commands had the number: neither was or will be executed.
  kNumberTooFar,      ///< More than the window above the lowest unexecuted number.
  kMempoolFull,       ///< The mempool is full; try again later.
  kClientShareFull,   ///< This client has its share of the mempool in flight already.
  // Transport.
  kUnsupportedVersion,  ///< A frame of an unknown wire version.
  kUnknownKind,         ///< A message kind of a newer version; skipped.
  kThrottled,           ///< Over a limit of connections or of bytes per source.
};
inline constexpr std::size_t kRefusalCount = static_cast<std::size_t>(Refusal::kThrottled) + 1;

/// The name under which a refusal is counted and shown, in snake_case ("bad_signature").
std::string_view to_string(Refusal refusal) noexcept;

}  // namespace waggle
