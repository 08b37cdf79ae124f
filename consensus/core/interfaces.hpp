#pragma once

#include <cstdint>
#include <initializer_list>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"

/// What cores and host may ask of cryptography and chance. crypto/ implements these with
/// OpenSSL and libsodium; the test world has fast symbolic ones.
namespace waggle {

/// A collision-resistant hash (SHA-256). Thread-safe.
class Hasher {
 public:
  virtual ~Hasher() = default;
  /// The hash of the parts, one after the other. The first part carries the domain tag.
  virtual Digest hash(std::initializer_list<ByteView> parts) const noexcept = 0;
};

/// Checks signatures. Thread-safe; pure.
class Verifier {
 public:
  virtual ~Verifier() = default;
  virtual bool verify(const PublicKey& key, ByteView message,
                      const Signature& signature) const noexcept = 0;
};

/// Makes the signatures of one identity. Thread-safe. Deterministic: same message, same signature.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const noexcept = 0;
  virtual Signature sign(ByteView message) const noexcept = 0;
};

/// The only source of chance of a core. In the daemon seeded from the operating system, so that
/// nobody can predict it; in the simulator from the run's seed.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual std::uint64_t next() noexcept = 0;
  /// Uniform in 0 .. bound-1; bound must not be 0.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
};

}  // namespace waggle
