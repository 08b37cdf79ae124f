#include "sim/crypto/suite.hpp"

#include <array>

#include "crypto/caching_verifier.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "sim/crypto/symbolic.hpp"

namespace waggle::sim {
namespace {

class SymbolicSuite final : public CryptoSuite {
 public:
  const Hasher& hasher() const override { return hasher_; }
  const Verifier& verifier() const override { return keys_; }
  std::unique_ptr<const Signer> make_signer(std::uint64_t identity) override {
    return std::make_unique<SymbolicSigner>(keys_, identity);
  }

 private:
  SymbolicHasher hasher_;
  KeyRing keys_;
};

class Ed25519Suite final : public CryptoSuite {
 public:
  const Hasher& hasher() const override { return hasher_; }
  const Verifier& verifier() const override { return caching_; }
  std::unique_ptr<const Signer> make_signer(std::uint64_t identity) override {
    std::array<std::uint8_t, crypto::kSeedSize> seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(identity >> (8 * i));
    return std::make_unique<crypto::Ed25519Signer>(crypto::KeyPair::from_seed(seed));
  }

 private:
  crypto::Sha256Hasher hasher_;
  crypto::Ed25519Verifier verifier_;
  crypto::CachingVerifier caching_{verifier_};
};

}  // namespace

std::unique_ptr<CryptoSuite> CryptoSuite::make(Signatures signatures) {
  if (signatures == Signatures::kEd25519) return std::make_unique<Ed25519Suite>();
  return std::make_unique<SymbolicSuite>();
}

}  // namespace waggle::sim
