#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "smr/certificate/certificate.hpp"
#include "smr/certificate/forest_path.hpp"

namespace waggle::certificate {

/// COMMIT(w, c, R) of one server with its signature (docs/spec/median-smr.md, 8.4).
struct SignedCommit {
  ReplicaId server;
  std::uint64_t length = 0;  ///< c: entries of the sequence that it covers.
  Digest root;               ///< R: the digest of its forest, Forest::root().
  Signature signature;

  friend bool operator==(const SignedCommit&, const SignedCommit&) = default;
};

/// COMMITs of one window by different servers, which seal the shortest of them (8.5).
struct SignedSeal {
  std::uint64_t window = 0;
  std::vector<SignedCommit> commits;  ///< Servers rise.

  friend bool operator==(const SignedSeal&, const SignedSeal&) = default;
};

/// All that an outsider needs to see that a command is sealed and where, besides the genesis file:
/// command -> chain -> roots of the shortest COMMIT -> signatures of more than n/2 servers.
struct SealedProof {
  Digest chain_id;
  ClientId client;
  std::uint64_t number = 0;
  Bytes command;
  ForestPath path;  ///< In the forest of the shortest COMMIT.
  SignedSeal seal;

  friend bool operator==(const SealedProof&, const SealedProof&) = default;
};

/// What a server signs to COMMIT: (genesis, w, c, R).
Bytes commit_message(const Digest& chain_id, std::uint64_t window, std::uint64_t length,
                     const Digest& root);

/// A proof from a certificate, the roots of a sealed length, and its seal. Nothing if the
/// certificate's chain does not end at the root of its tree in that forest.
std::optional<SealedProof> make_sealed_proof(const Digest& chain_id, const Certificate& certificate,
                                             const Forest& roots, const SignedSeal& seal);

/// The canonical encoding (docs/encoding.md): tag, then the fields in their order.
Bytes encode(const SealedProof& proof);
/// Refuses everything that encode() would not have written, bytes left over and servers that fall
/// included, with kMalformed, and with kUnsupportedVersion what does not begin with the tag.
Result<SealedProof, Refusal> decode_sealed_proof(ByteView bytes);

}  // namespace waggle::certificate
