#pragma once

#include <cstdint>
#include <map>

#include "consensus/core/interfaces.hpp"

/// Cryptography for simulations: fast, deterministic, and unforgeable by construction.
/// Not secure against anybody who does not go through these classes.
namespace waggle::sim {

/// 256 bits in four lanes that mix every input byte; collisions do not happen by accident.
class SymbolicHasher final : public Hasher {
 public:
  Digest hash(std::initializer_list<ByteView> parts) const noexcept override;
};

/// Knows the secret of every identity that it made; so it can sign and verify for all of them.
/// Not thread-safe while keys are made.
class KeyRing final : public Verifier {
 public:
  /// The identity of this number; the same key for the same number in every ring.
  PublicKey make_key(std::uint64_t number);
  Signature sign(const PublicKey& key, ByteView message) const;
  bool verify(const PublicKey& key, ByteView message,
              const Signature& signature) const noexcept override;

 private:
  std::map<PublicKey, Digest> secrets_;
  SymbolicHasher hasher_;
};

/// Signs as one identity of a ring, which must outlive it.
class SymbolicSigner final : public Signer {
 public:
  SymbolicSigner(KeyRing& ring, std::uint64_t number) : ring_(&ring), key_(ring.make_key(number)) {}
  const PublicKey& public_key() const noexcept override { return key_; }
  Signature sign(ByteView message) const noexcept override { return ring_->sign(key_, message); }

 private:
  const KeyRing* ring_;
  PublicKey key_;
};

}  // namespace waggle::sim
