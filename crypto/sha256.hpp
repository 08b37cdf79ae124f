#pragma once

#include "consensus/core/interfaces.hpp"

namespace waggle::crypto {

/// SHA-256 (FIPS 180-4) through OpenSSL, which uses the processor's SHA instructions where there
/// are any. Made for many small inputs: each thread keeps its own context, no call allocates after
/// a thread's first. Stateless, so copies are free. Thread-safe.
/// Aborts when OpenSSL has no SHA-256 or no memory: there is nothing to go on with.
class Sha256Hasher final : public Hasher {
 public:
  Digest hash(std::initializer_list<ByteView> parts) const noexcept override;
};

}  // namespace waggle::crypto
