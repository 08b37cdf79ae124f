#include <gtest/gtest.h>

#include "sim/crypto/suite.hpp"

namespace waggle::sim {
namespace {

class Suites : public ::testing::TestWithParam<Signatures> {};

TEST_P(Suites, SignaturesHoldForTheirKeyAndMessageOnly) {
  const auto suite = CryptoSuite::make(GetParam());
  const auto one = suite->make_signer(1);
  const auto two = suite->make_signer(2);
  const Bytes message = to_bytes("message");
  const Signature signature = one->sign(message);
  EXPECT_TRUE(suite->verifier().verify(one->public_key(), message, signature));
  EXPECT_FALSE(suite->verifier().verify(two->public_key(), message, signature));
  EXPECT_FALSE(suite->verifier().verify(one->public_key(), to_bytes("messagf"), signature));
  Signature changed = signature;
  changed.bytes[40] ^= 1;
  EXPECT_FALSE(suite->verifier().verify(one->public_key(), message, changed));
  EXPECT_FALSE(suite->verifier().verify(PublicKey{}, message, signature));
}

TEST_P(Suites, IdentitiesAreTheSameEverywhere) {
  const auto a = CryptoSuite::make(GetParam());
  const auto b = CryptoSuite::make(GetParam());
  EXPECT_EQ(a->make_signer(7)->public_key(), b->make_signer(7)->public_key());
  EXPECT_NE(a->make_signer(7)->public_key(), a->make_signer(8)->public_key());
}

TEST_P(Suites, HashesTellInputsApart) {
  const auto suite = CryptoSuite::make(GetParam());
  const Hasher& hasher = suite->hasher();
  std::set<Digest> seen;
  Bytes input;
  for (int length = 0; length < 70; ++length, input.push_back(0)) {
    EXPECT_TRUE(seen.insert(hasher.hash({input})).second) << length;
    for (std::uint8_t& byte : input) {
      byte = 1;
      EXPECT_TRUE(seen.insert(hasher.hash({input})).second) << length;
      byte = 0;
    }
  }
  // How the input is cut into parts does not matter.
  const Bytes whole = to_bytes("the quick brown fox jumps over it");
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const ByteView view(whole);
    EXPECT_EQ(hasher.hash({view.first(cut), view.subspan(cut)}), hasher.hash({view}));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Suites,
                         ::testing::Values(Signatures::kSymbolic, Signatures::kEd25519));

}  // namespace
}  // namespace waggle::sim
