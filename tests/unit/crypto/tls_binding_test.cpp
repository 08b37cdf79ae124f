#include "crypto/tls_binding.hpp"

#include <gtest/gtest.h>

#include "crypto/ed25519.hpp"

namespace waggle::crypto {
namespace {

class TlsBinding : public testing::Test {
 protected:
  bool verify(const PublicKey& consensus, const Digest& chain, ReplicaId replica,
              const PublicKey& tls, const Signature& signature) const {
    return verify_tls_binding(verifier_, consensus, chain, replica, tls, signature);
  }

  Ed25519Verifier verifier_;
  Ed25519Signer consensus_{KeyPair::generate()};
  PublicKey tls_ = KeyPair::generate().public_key();
  Digest chain_{{1, 2, 3}};
  Signature signature_ = sign_tls_binding(consensus_, chain_, ReplicaId{2}, tls_);
};

TEST_F(TlsBinding, HoldsForWhatWasSigned) {
  EXPECT_TRUE(verify(consensus_.public_key(), chain_, ReplicaId{2}, tls_, signature_));
}

TEST_F(TlsBinding, IsRefusedForAnythingElse) {
  const PublicKey key = consensus_.public_key();
  const PublicKey other = KeyPair::generate().public_key();
  EXPECT_FALSE(verify(other, chain_, ReplicaId{2}, tls_, signature_));
  EXPECT_FALSE(verify(key, Digest{{1, 2, 4}}, ReplicaId{2}, tls_, signature_));
  EXPECT_FALSE(verify(key, chain_, ReplicaId{3}, tls_, signature_));
  EXPECT_FALSE(verify(key, chain_, ReplicaId{2}, other, signature_));
  EXPECT_FALSE(verify(key, chain_, ReplicaId{2}, tls_, Signature{}));
}

TEST_F(TlsBinding, BytesStartWithTheirOwnTag) {
  const Bytes bytes = tls_binding_bytes(chain_, ReplicaId{2}, tls_);
  EXPECT_EQ(bytes.size(), 16U + 32U + 4U + 32U);
  EXPECT_EQ(as_text(ByteView(bytes).first(17)), std::string("waggle/tlsbind/1") + '\x01');
}

}  // namespace
}  // namespace waggle::crypto
