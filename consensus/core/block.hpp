#pragma once

#include <memory>
#include <optional>

#include "consensus/core/certificates.hpp"
#include "consensus/core/merkle.hpp"
#include "consensus/core/request.hpp"

namespace waggle {

/// What the id of a block is the hash of (spec, section 2).
struct BlockHeader {
  View view;
  Height height;
  ReplicaId proposer;
  Digest parent;
  QcRef qc;                         ///< The QC that the block carries: view and block ...
  Digest qc_digest;                 ///< ... and digest of the certificate.
  std::optional<Digest> tc_digest;  ///< Of the TC that the block carries, if any.
  Digest payload_root;
  Digest history_root;  ///< Root of the forest over all commands of the ancestors.

  friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};

void encode(Writer& writer, const BlockHeader& header);
BlockHeader decode_header(Reader& reader);
/// H(tag, chain id, header): the proposer's signature is not part of it.
Digest block_id(const BlockHeader& header, const Digest& chain_id, const Hasher& hasher);
/// What the proposer signs.
Bytes proposal_bytes(const Digest& chain_id, const Digest& block_id);

struct Block;
using BlockPtr = std::shared_ptr<const Block>;

/// A header with what it names: the full QC, the full TC and the payload. Immutable once shared.
struct Block {
  Digest id;
  BlockHeader header;
  Signature signature;  ///< Of the proposer, over the id.
  QcPtr qc;
  TcPtr tc;  ///< Null in the fast form.
  PayloadPtr payload;

  View view() const noexcept { return header.view; }
  Height height() const noexcept { return header.height; }
  const Digest& parent() const noexcept { return header.parent; }
  Tip tip() const { return {header.view, id, header.qc.view}; }
  Rank rank() const { return {header.view, header.qc.view}; }
};

/// The fixed first block of a chain: view 0, height 0, no payload.
BlockPtr make_genesis(const ChainConfig& config, const Hasher& hasher);

/// Everything but the payload: header, signature, QC, TC. The payload's raw bytes travel and lie
/// beside it and are never re-encoded.
void encode_without_payload(Writer& writer, const Block& block);
/// Reads a block and computes its id; checks that the header names this QC, this TC and this
/// payload (so that a block that decodes is consistent in itself) and the payload's layout.
/// Checks no signature.
Result<BlockPtr, Refusal> decode_block(ByteView without_payload, SharedBytes payload,
                                       const ChainConfig& config, const Hasher& hasher);

/// Well-formed (spec, section 3): signatures of proposer, QC, TC and of every request, and rules
/// 3.1 without the height. Stateless; runs on any thread.
Result<void, Refusal> verify_block(const Block& block, const Digest& genesis_block,
                                   const ChainConfig& config, const Verifier& verifier);

}  // namespace waggle
