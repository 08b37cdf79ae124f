#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "smr/certificate/proof.hpp"
#include "smr/config/genesis.hpp"
#include "tests/unit/certificate/chain_world.hpp"

namespace waggle::testing {

/// The genesis file of a median chain of four servers.
std::string sealed_genesis();

/// A chain of four servers that executed five commands of each of three clients and one more, with
/// all keys.
class SealedChain {
 public:
  SealedChain();

  /// COMMIT of a server for the first `length` entries.
  certificate::SignedCommit commit(std::uint32_t server, std::uint64_t window,
                                   std::uint64_t length) const;
  /// By servers 0, 1, ... of these lengths.
  certificate::SignedSeal seal(const std::vector<std::uint64_t>& lengths) const;
  /// For a sequence of the shortest of the lengths.
  certificate::SealedProof proof(std::size_t client, std::uint64_t number,
                                 const std::vector<std::uint64_t>& lengths) const;
  certificate::Certificate certificate(std::size_t client, std::uint64_t number,
                                       std::uint64_t length) const;
  Result<certificate::Proven, certificate::Fault> verify(ByteView proof) const;

  const ChainConfig& config() const { return *genesis_.chain; }
  const ChainWorld& world() const { return world_; }
  const Hasher& hasher() const { return hasher_; }

 private:
  crypto::Sha256Hasher hasher_;
  std::vector<crypto::Ed25519Signer> servers_;
  config::Genesis genesis_;
  ChainWorld world_;
};

/// An encoded proof with what is to be said of it.
struct SealedScene {
  std::string name;
  std::string about;
  Bytes proof;
  std::optional<certificate::Fault> fault;  ///< Nothing: it is valid.
};
std::vector<SealedScene> sealed_scenes(const SealedChain& chain);

/// An encoded certificate, judged by the newest server of the chain.
struct CertificateScene {
  std::string name;
  std::string about;
  Bytes certificate;
  std::optional<certificate::Doubt> doubt;
};
std::vector<CertificateScene> certificate_scenes(const SealedChain& chain);

}  // namespace waggle::testing
