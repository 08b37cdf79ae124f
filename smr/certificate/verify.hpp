#pragma once

#include <string_view>
#include <vector>

#include "smr/certificate/commit_proof.hpp"

/// Judges commit proofs with nothing but the genesis file; sealed proofs: proof.hpp. Pure; any
/// thread.
namespace waggle::certificate {

/// Why a proof proves nothing; those from kWrongKind on concern sealed proofs. The numbers are the
/// return codes of waggle_verify.h: frozen.
enum class Fault : std::uint8_t {
  kMalformed = 1,       ///< Not the canonical encoding of a proof.
  kVersion = 2,         ///< Another version of the encoding, or something else altogether.
  kWrongChain = 3,      ///< Made for another genesis file.
  kBrokenChain = 4,     ///< A header's parent is not the next header.
  kBadStructure = 5,    ///< 3.1-3.3: leader, heights, views or QC references of the headers.
  kNoPair = 6,          ///< The QC of the first header names none of the others.
  kSigners = 7,         ///< Not exactly q distinct known signers in rising order.
  kBadSignature = 8,    ///< A signature does not verify.
  kMissingTips = 9,     ///< 5.2: a TC that matters is not opened.
  kBadTips = 10,        ///< 5.2: a tip list does not open its TC's digest.
  kOtherTip = 11,       ///< 5.2: a tip of the parent's view is not shown to extend B1.
  kSuperfluous = 12,    ///< Tip lists or branches that nothing asks for.
  kNotIncluded = 13,    ///< The path does not lead from the command to the root.
  kWrongKind = 14,      ///< The chain's protocol has proofs of the other kind.
  kTooFewServers = 15,  ///< 8.5: a seal by not more than n/2 servers.
  kServerTwice = 16,    ///< 8.5: a server counted twice.
  kUnknownServer = 17,  ///< 8.5: a server that the genesis file does not name.
  kOtherLength = 18,    ///< 8.5: what the shortest COMMIT seals is not what the path leads to.
};
inline constexpr std::size_t kFaultCount = 18;
/// The name, in snake_case.
std::string_view to_string(Fault fault) noexcept;
/// A sentence for people, without a full stop.
std::string_view describe(Fault fault) noexcept;

/// A block as a proof names it.
struct BlockPlace {
  Digest id;
  Height height;
  View view;
};

/// What a valid proof proves: the command lies on the chain, committed, at this place. Not proven
/// is what executing it gave: in particular a command that its client signed under a number that
/// it had used before lies on the chain too, and executes as nothing.
struct ProvenCommit {
  ClientId client;
  std::uint64_t number = 0;
  Bytes command;
  Inclusion inclusion = Inclusion::kPayload;
  BlockPlace block;            ///< That holds the command; or, by history, some block above it.
  std::uint64_t position = 0;  ///< Among the block's commands; by history, among all of the chain.
  BlockPlace committed;        ///< B1: `block` or a descendant.
  BlockPlace certified;        ///< B2.
  std::vector<ReplicaId> signers;  ///< Who certified B2.
};

/// Section 5 for outsiders. Checks, in this order: the chain id; that each header is the parent of
/// the one before, with what 3.1-3.3 say of heights, views, leaders and QC references; that B2's
/// QC names one of them, B1; 5.2 between the two; the path from the command to the root of the
/// last header, which is B1 or an ancestor; and QC(B2), exactly q signatures.
///
/// Why that is enough: q replicas voted for B2, and at least q - f of them are honest. By 3.6 these
/// traced B2 down to B1 and to what they had committed, checking every TC, QC, payload and
/// proposer's signature there, so none of that needs to be shown again. In particular no header
/// carries its proposer's signature, which is not part of a block's id: a header that nobody
/// proposed cannot have been voted for, and the ids that link the headers bind every bit of them.
/// What no voter checks when it votes is 5.2, and so a proof must show it.
Result<ProvenCommit, Fault> verify(const CommitProof& proof, const ChainConfig& config,
                                   const Verifier& verifier, const Hasher& hasher);
/// The same from an encoded proof.
Result<ProvenCommit, Fault> verify(ByteView encoded, const ChainConfig& config,
                                   const Verifier& verifier, const Hasher& hasher);

}  // namespace waggle::certificate
