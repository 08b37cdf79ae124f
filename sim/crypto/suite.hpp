#pragma once

#include <memory>

#include "consensus/core/interfaces.hpp"

namespace waggle::sim {

/// What a world's signatures are made of.
enum class Signatures : std::uint8_t {
  kSymbolic,  ///< Fast; nobody can forge one without going around these classes.
  kEd25519,   ///< The daemon's, with its SHA-256.
};

/// Hashes, signs and verifies for everybody in a world. Identities have numbers; the same number
/// has the same key in every suite of a kind. Not thread-safe while signers are made.
class CryptoSuite {
 public:
  static std::unique_ptr<CryptoSuite> make(Signatures signatures);
  virtual ~CryptoSuite() = default;

  virtual const Hasher& hasher() const = 0;
  virtual const Verifier& verifier() const = 0;
  /// The suite must outlive the signer.
  virtual std::unique_ptr<const Signer> make_signer(std::uint64_t identity) = 0;
};

}  // namespace waggle::sim
