#include "crypto/ed25519.hpp"

#include <sodium.h>

#include "consensus/core/ensure.hpp"
#include "crypto/init.hpp"

namespace waggle::crypto {

static_assert(PublicKey::kSize == crypto_sign_PUBLICKEYBYTES);
static_assert(Signature::kSize == crypto_sign_BYTES);
static_assert(kSeedSize == crypto_sign_SEEDBYTES);

KeyPair::KeyPair() : secret_(crypto_sign_SECRETKEYBYTES) {}

KeyPair KeyPair::generate() {
  KeyPair keys;
  const int result =
      crypto_sign_keypair(keys.public_key_.bytes.data(), keys.secret_.writable().data());
  ENSURE(result == 0);
  return keys;
}

KeyPair KeyPair::from_seed(std::span<const std::uint8_t, kSeedSize> seed) {
  KeyPair keys;
  const int result = crypto_sign_seed_keypair(keys.public_key_.bytes.data(),
                                              keys.secret_.writable().data(), seed.data());
  ENSURE(result == 0);
  return keys;
}

std::span<const std::uint8_t, kSeedSize> KeyPair::seed() const noexcept {
  ENSURE(secret_.size() == crypto_sign_SECRETKEYBYTES, "a moved-from key pair has no seed");
  return secret_.view().first<kSeedSize>();  // libsodium's secret key is seed, then public key
}

Signature Ed25519Signer::sign(ByteView message) const noexcept {
  const ByteView secret = keys_.secret_key();
  ENSURE(secret.size() == crypto_sign_SECRETKEYBYTES, "a moved-from signer cannot sign");
  Signature signature;
  const int result = crypto_sign_detached(signature.bytes.data(), nullptr, message.data(),
                                          message.size(), secret.data());
  ENSURE(result == 0);
  return signature;
}

Ed25519Verifier::Ed25519Verifier() noexcept { init(); }

bool Ed25519Verifier::verify(const PublicKey& key, ByteView message,
                             const Signature& signature) const noexcept {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

}  // namespace waggle::crypto
