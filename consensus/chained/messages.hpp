#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "consensus/core/block.hpp"
#include "consensus/core/certificates.hpp"
#include "consensus/core/protocol_core.hpp"

/// What pBeeGees replicas say to each other. Every message is a value; certificates and blocks
/// inside are shared and immutable.
namespace waggle::chained {

/// Why a replica may be in a view: the genesis, a QC or TC of the view before, or timeouts of
/// distinct replicas (4.5). "Entry certificate" in 4.8, "justification" in 4.10.
struct ViewProof {
  std::variant<std::monostate, QcPtr, TcPtr, std::vector<Timeout>> proof;

  /// The highest view that this allows an honest replica to be in: QC or TC of v: v + 1; q
  /// timeouts at or above w: w + 1; f+1 timeouts at or above w: w (one of them is honest).
  View proves(const ChainConfig& config) const;
};

/// 4.2: the block of a view, from its leader.
struct Proposal {
  BlockPtr block;
};
/// 4.2: a vote, to the leader of the next view.
struct Vote {
  View view;
  Digest block;
  ReplicaId voter;
  Signature signature;
};
/// 4.4 (the struct itself is in consensus/core/certificates.hpp).
struct TimeoutMessage {
  Timeout timeout;
};
/// A certificate that moves others: the QC of 4.7 and 4.9, the entry certificate of 4.8.
struct Certificate {
  ViewProof proof;
};
/// 4.9: unpersisted sign of life.
struct Heartbeat {
  QcPtr high_qc;
};
/// 4.8: asks for the branch of `block`, from the asker's committed head upwards.
struct BranchRequest {
  Digest block;                 ///< The highest block wanted.
  Height above;                 ///< Only blocks above this height.
  std::uint32_t count_max = 0;  ///< Blocks wanted at most; the answerer may send fewer.
};
/// Blocks asked for in one request, and given in one answer, at most.
inline constexpr std::uint32_t kBranchBlocksMax = 64;

/// A block with the forest over its ancestors' commands ("fetched blocks carry their peaks").
struct ChainedBlock {
  BlockPtr block;
  Forest before;  ///< before.root() is the block's history root.
};
/// 4.8: blocks of one branch in rising height. Empty: the answerer does not have the block.
struct Branch {
  Digest wanted;  ///< The block that the request named.
  std::vector<ChainedBlock> blocks;
  QcPtr certificate;  ///< Certifies `wanted`, where the answerer knows it; may be null.
};
/// 4.10: a replica that lost its memory asks how far its forgotten signatures may reach.
struct RejoinChallenge {
  ReplicaId sender;
  Digest nonce;  ///< Fresh and random, a new one after every loss.
  Signature signature;
};
/// 4.10: an answer, signed over the challenge.
struct RejoinReport {
  ReplicaId reporter;
  ReplicaId rejoiner;
  Digest nonce;
  View bound;  ///< max(last_voted_view, last_timeout_view, own rejoin bound).
  ViewProof justification;
  Signature signature;  ///< Over rejoiner, nonce and bound.
};

using Message = std::variant<Proposal, Vote, TimeoutMessage, Certificate, Heartbeat, BranchRequest,
                             Branch, RejoinChallenge, RejoinReport>;

/// The alternative's name in snake_case, for counters and traces.
std::string_view kind_of(const Message& message) noexcept;

Bytes rejoin_challenge_bytes(const Digest& chain_id, ReplicaId sender, const Digest& nonce);
Bytes rejoin_report_bytes(const Digest& chain_id, const RejoinReport& report);

/// Fills in the signatures that the message needs; the rest is handed on as it is.
Message sign(Message message, const Signer& signer, const ChainConfig& config);

/// Every stateless check of a message that came from replica `from` (an authenticated
/// connection). Runs on any thread; the only maker of verified messages besides the host.
Result<Verified<Message>, Refusal> validate(Message message, ReplicaId from,
                                            const Digest& genesis_block, const ChainConfig& config,
                                            const Verifier& verifier, const Hasher& hasher);

// Canonical encodings of what is stored and sent in one piece (docs/encoding.md).
void encode(Writer& writer, const ViewProof& proof);
ViewProof decode_view_proof(Reader& reader);

}  // namespace waggle::chained
