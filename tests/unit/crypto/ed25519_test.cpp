#include "crypto/ed25519.hpp"

#include <type_traits>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/crypto/vector_file.hpp"

namespace waggle::crypto {
namespace {

KeyPair keys_of(std::uint8_t number) {
  std::array<std::uint8_t, kSeedSize> seed;
  seed.fill(number);
  return KeyPair::from_seed(seed);
}

template <class Fixed>
Fixed flipped(Fixed value, std::size_t bit) {
  value.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  return value;
}

TEST(Ed25519, AgreesWithTheVectorsOfRfc8032) {
  const auto records = load_vectors("ed25519_rfc8032.txt");
  ASSERT_EQ(records.size(), 5U);
  for (const VectorRecord& record : records) {
    const Bytes seed = record.bytes("seed");
    const Bytes message = record.bytes("message");
    const Ed25519Signer signer(KeyPair::from_seed(std::span(seed).first<kSeedSize>()));
    EXPECT_EQ(signer.public_key(), record.fixed<PublicKey>("public"));
    EXPECT_EQ(signer.sign(message), record.fixed<Signature>("signature"));
    EXPECT_TRUE(Ed25519Verifier().verify(signer.public_key(), message,
                                         record.fixed<Signature>("signature")));
  }
}

TEST(Ed25519, WhatIsSignedVerifies) {
  const Ed25519Signer signer(KeyPair::generate());
  const Ed25519Verifier verifier;
  EXPECT_TRUE(rc::check("sign, verify", [&](const Bytes& message, const Bytes& other) {
    const Signature signature = signer.sign(message);
    RC_ASSERT(signature == signer.sign(message));
    RC_ASSERT(verifier.verify(signer.public_key(), message, signature));
    RC_ASSERT(verifier.verify(signer.public_key(), other, signature) == (other == message));
  }));
}

TEST(Ed25519, EveryBitOfKeyMessageAndSignatureCounts) {
  const Ed25519Signer signer(keys_of(1));
  const Ed25519Verifier verifier;
  Bytes message = to_bytes("vote");
  const PublicKey key = signer.public_key();
  const Signature signature = signer.sign(message);
  for (std::size_t bit = 0; bit < PublicKey::kSize * 8; ++bit) {
    EXPECT_FALSE(verifier.verify(flipped(key, bit), message, signature)) << "key bit " << bit;
  }
  for (std::size_t bit = 0; bit < Signature::kSize * 8; ++bit) {
    EXPECT_FALSE(verifier.verify(key, message, flipped(signature, bit))) << "bit " << bit;
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    message[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(verifier.verify(key, message, signature)) << "message bit " << bit;
    message[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  message.push_back(0);
  EXPECT_FALSE(verifier.verify(key, message, signature));
}

TEST(Ed25519, RefusesAnotherKey) {
  const Bytes message = to_bytes("vote");
  const Signature signature = Ed25519Signer(keys_of(1)).sign(message);
  EXPECT_FALSE(Ed25519Verifier().verify(keys_of(2).public_key(), message, signature));
}

// A signature (R, S) also satisfies the equation as (R, S + L), L the order of the group: a second
// encoding would let anybody change a certificate without breaking it.
TEST(Ed25519, RefusesTheSecondEncodingOfASignature) {
  const Ed25519Signer signer(keys_of(1));
  const Bytes message = to_bytes("vote");
  Signature signature = signer.sign(message);
  const auto order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature.bytes[32 + i]) + (*order)[i];
    signature.bytes[32 + i] = static_cast<std::uint8_t>(carry & 0xff);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_FALSE(Ed25519Verifier().verify(signer.public_key(), message, signature));
}

// With the neutral element as key and R, and S = 0, the equation holds for every message.
TEST(Ed25519, RefusesKeysOfSmallOrder) {
  PublicKey neutral;
  neutral.bytes[0] = 1;
  Signature forged;
  forged.bytes[0] = 1;
  EXPECT_FALSE(Ed25519Verifier().verify(neutral, to_bytes("anything"), forged));
  EXPECT_FALSE(Ed25519Verifier().verify(PublicKey{}, to_bytes("anything"), Signature{}));
}

TEST(KeyPair, FromSeedIsAFunctionOfTheSeed) {
  EXPECT_EQ(keys_of(1).public_key(), keys_of(1).public_key());
  EXPECT_NE(keys_of(1).public_key(), keys_of(2).public_key());
  const KeyPair made = KeyPair::generate();
  EXPECT_EQ(KeyPair::from_seed(made.seed()).public_key(), made.public_key());
}

TEST(KeyPair, GenerateNeverRepeats) {
  EXPECT_NE(KeyPair::generate().public_key(), KeyPair::generate().public_key());
}

TEST(KeyPair, MovesAndDoesNotCopy) {
  static_assert(!std::is_copy_constructible_v<KeyPair> && !std::is_copy_assignable_v<KeyPair>);
  static_assert(!std::is_copy_constructible_v<Ed25519Signer>);
  static_assert(std::is_nothrow_move_constructible_v<Ed25519Signer>);
  Ed25519Signer first(keys_of(1));
  const Signature signature = first.sign(to_bytes("x"));
  const Ed25519Signer second(std::move(first));
  EXPECT_EQ(second.sign(to_bytes("x")), signature);
  EXPECT_EQ(second.public_key(), keys_of(1).public_key());
}

TEST(KeyPairDeathTest, AMovedFromPairDoesNotSign) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Ed25519Signer first(keys_of(1));
  const Ed25519Signer second(std::move(first));
  EXPECT_DEATH((void)first.sign(to_bytes("x")), "moved-from");  // NOLINT(bugprone-use-after-move)
  EXPECT_DEATH((void)first.keys().seed(), "moved-from");        // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace waggle::crypto
