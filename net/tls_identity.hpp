#pragma once

#include <memory>
#include <string>

#include "consensus/core/bytes.hpp"
#include "consensus/core/result.hpp"

namespace waggle::net {

/// An Ed25519 key for TLS with a self-signed X.509 certificate, made in memory. No certificate
/// authority is involved: the other side compares the raw public key with the one it was told, and
/// ignores names and dates. Cheap to copy; the secret is wiped with the last copy. Any thread.
class TlsIdentity {
 public:
  /// `seed`: 32 bytes of a key of its own, never the consensus key. Fails, saying why, on a seed
  /// of another length or when OpenSSL cannot do Ed25519.
  static Result<TlsIdentity, std::string> from_seed(ByteView seed);

  const PublicKey& public_key() const noexcept;

  struct Impl;  ///< OpenSSL's key and certificate; seen only inside net/.
  const Impl& impl() const noexcept { return *impl_; }

 private:
  explicit TlsIdentity(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace waggle::net
