#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "consensus/core/interfaces.hpp"
#include "crypto/secret.hpp"

/// Ed25519 (RFC 8032) through libsodium.
namespace waggle::crypto {

inline constexpr std::size_t kSeedSize = 32;

/// An Ed25519 key pair. The secret half lies in memory of its own and is wiped when the pair goes.
/// Movable, not copyable; a moved-from pair may only be destroyed or assigned to.
/// Reading is thread-safe. Making one throws std::bad_alloc.
class KeyPair {
 public:
  /// A new pair from the system's entropy.
  static KeyPair generate();
  /// The pair that belongs to these 32 secret bytes, always the same. The caller wipes its copy.
  static KeyPair from_seed(std::span<const std::uint8_t, kSeedSize> seed);

  const PublicKey& public_key() const noexcept { return public_key_; }
  /// The 32 secret bytes, for key files and for TLS. Do not copy them without wiping the copy.
  std::span<const std::uint8_t, kSeedSize> seed() const noexcept;
  /// Seed and public key in libsodium's layout, 64 bytes.
  ByteView secret_key() const noexcept { return secret_.view(); }

 private:
  KeyPair();
  SecretBytes secret_;
  PublicKey public_key_;
};

/// Signs with one key pair. Deterministic, thread-safe, movable.
class Ed25519Signer final : public Signer {
 public:
  explicit Ed25519Signer(KeyPair keys) noexcept : keys_(std::move(keys)) {}

  const PublicKey& public_key() const noexcept override { return keys_.public_key(); }
  Signature sign(ByteView message) const noexcept override;
  const KeyPair& keys() const noexcept { return keys_; }

 private:
  KeyPair keys_;
};

/// Checks signatures strictly: no second encoding of a signature that verified, no key or
/// commitment of small order. All replicas must decide alike, so all must use this one.
/// Stateless; thread-safe; some 70 us per signature.
class Ed25519Verifier final : public Verifier {
 public:
  Ed25519Verifier() noexcept;
  bool verify(const PublicKey& key, ByteView message,
              const Signature& signature) const noexcept override;
};

}  // namespace waggle::crypto
