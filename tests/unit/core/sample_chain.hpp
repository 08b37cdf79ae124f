#pragma once

#include <functional>
#include <vector>

#include "consensus/core/block.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"

namespace waggle {

/// A chain of four replicas and one client with fixed keys, real SHA-256 and real Ed25519, and a
/// short history on it: block_a (view 1, payload) and block_b (view 2, no payload) in the fast
/// form, then view 3 times out and block_c (view 4) extends block_b with a TC. Frozen: the test
/// vectors are made of it.
class SampleChain {
 public:
  static constexpr std::uint32_t kReplicas = 4;

  SampleChain();

  // Parts, signed as asked for.
  Bytes request(std::uint64_t first, const std::vector<Bytes>& commands) const;
  SharedBytes payload(const std::vector<Bytes>& requests) const;
  SignerSignature vote(std::uint32_t replica, View view, const Digest& block) const;
  QuorumCert qc(View view, const Digest& block, std::vector<std::uint32_t> signers) const;
  Timeout timeout(std::uint32_t replica, View view, const Tip& tip) const;
  /// A block whose header fits the certificates and the payload, signed by its leader.
  BlockPtr block(View view, const Block& parent, QcPtr with_qc, TcPtr with_tc,
                 const Forest& history, SharedBytes payload) const;
  /// The same block with another header, signed by the header's proposer where there is one.
  BlockPtr with_header(const Block& block, const std::function<void(BlockHeader&)>& change) const;

  Bytes encoded(const Block& block) const;
  Result<BlockPtr, Refusal> decode(ByteView without_payload, SharedBytes payload) const;
  Result<void, Refusal> verify(const Block& block) const;

  crypto::Sha256Hasher hasher;
  crypto::Ed25519Verifier verifier;
  std::vector<crypto::Ed25519Signer> replicas;
  crypto::Ed25519Signer client;
  ChainConfig config;

  BlockPtr genesis;
  BlockPtr block_a;
  QcPtr qc_a;
  BlockPtr block_b;
  TcPtr tc_3;
  BlockPtr block_c;
};

/// Built once; immutable.
const SampleChain& sample_chain();

/// The 32 bytes of every fixed seed: the same number all over.
std::array<std::uint8_t, crypto::kSeedSize> seed_of(std::uint8_t number);
inline constexpr std::uint8_t kReplicaSeed = 0x10;  ///< Replica i has seed_of(kReplicaSeed + i).
inline constexpr std::uint8_t kClientSeed = 0x40;
inline constexpr std::uint8_t kTlsSeed = 0x50;

/// A copy with one bit changed.
Bytes with_flipped_bit(ByteView bytes, std::size_t bit);

}  // namespace waggle
