#pragma once

#include <variant>

#include "smr/certificate/sealed_proof.hpp"
#include "smr/certificate/verify.hpp"

/// Judges both kinds of proof with nothing but the genesis file. Pure; any thread.
namespace waggle::certificate {

/// What a valid sealed proof proves: the command lies in the sealed sequence at this place, and
/// executed there: what its client's numbers reject has the null leaf. Not proven is the result.
struct ProvenSeal {
  ClientId client;
  std::uint64_t number = 0;
  Bytes command;
  std::uint64_t position = 0;  ///< In the sequence, from 0.
  std::uint64_t window = 0;    ///< Of the seal.
  std::uint64_t length = 0;    ///< Sealed: entries of the sequence.
  std::vector<ReplicaId> signers;
};

/// 8.5 for outsiders. Checks, in this order: the chain id; that the seal's servers are known,
/// different, and more than n/2; that the shortest COMMIT is of the length of the path's forest;
/// the path from the command to the roots of every COMMIT of that length; all signatures.
///
/// Why that is enough: servers do not lie. Whoever signed COMMIT held a pre-certificate of that
/// window for the sequence; sequences with one are prefixes of one another, and what more than n/2
/// servers committed is in everything that is sealed later (8, "Why it is safe"). One lying server
/// can break that, other than in a commit proof, which bears f of them.
Result<ProvenSeal, Fault> verify(const SealedProof& proof, const ChainConfig& config,
                                 const Verifier& verifier, const Hasher& hasher);

using Proven = std::variant<ProvenCommit, ProvenSeal>;
/// Judges an encoded proof of either kind. A chain with a schedule of leaders has commit proofs,
/// one without has sealed proofs; the other kind is refused with kWrongKind.
Result<Proven, Fault> verify_proof(ByteView encoded, const ChainConfig& config,
                                   const Verifier& verifier, const Hasher& hasher);

/// On whose behaviour a proof of that kind rests: a sentence for people, without a full stop.
std::string_view rests_on(const Proven& proven) noexcept;

}  // namespace waggle::certificate
