#pragma once

#include <vector>

#include "consensus/core/block.hpp"
#include "smr/certificate/forest_path.hpp"

namespace waggle::certificate {

/// Which root of the last header a proof opens.
enum class Inclusion : std::uint8_t {
  kPayload = 0,  ///< Its payload root: the command lies in that block.
  kHistory = 1,  ///< Its history root: the command lies in some block below it.
};

/// Opens the TC digest of a header: the TC's tips, and the hash over its signatures.
struct TipList {
  std::vector<Tip> tips;
  Digest signatures;
  friend bool operator==(const TipList&, const TipList&) = default;
};

/// All that an outsider needs to see that a command is committed and where, besides the genesis
/// file (docs/proofs.md). B1 and B2 are those of section 5 of docs/spec/pbeegees.md.
struct CommitProof {
  Digest chain_id;
  ClientId client;
  std::uint64_t number = 0;
  Bytes command;
  Inclusion inclusion = Inclusion::kPayload;
  ForestPath path;  ///< From the command to a root of the last header.
  /// Of QC(B2): exactly q, rising.
  std::vector<SignerSignature> signatures;
  /// B2, and its ancestors without a gap through B1 to the block whose root is opened.
  std::vector<BlockHeader> headers;
  /// For every block of rule 5.2 from B2 down: what opens its TC.
  std::vector<TipList> tip_lists;
  /// For every other tip of rule 5.2, in the order of the lists: the headers from it down to the
  /// last one above B1.
  std::vector<std::vector<BlockHeader>> branches;

  friend bool operator==(const CommitProof&, const CommitProof&) = default;
};

/// Headers in one proof at most, branches included: decoders and provers keep to it.
inline constexpr std::size_t kProofHeadersMax = 4096;

/// The canonical encoding (docs/encoding.md): tag, then the fields in their order.
Bytes encode(const CommitProof& proof);
/// Refuses everything that encode() would not have written, bytes left over included, with
/// kMalformed, and with kUnsupportedVersion what does not begin with the tag of this version.
/// Takes memory in proportion to the input.
Result<CommitProof, Refusal> decode_commit_proof(ByteView bytes);

}  // namespace waggle::certificate
