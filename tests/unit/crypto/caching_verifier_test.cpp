#include "crypto/caching_verifier.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "consensus/core/encoding.hpp"
#include "crypto/ed25519.hpp"

namespace waggle::crypto {
namespace {

/// Counts the calls and answers as told.
class FakeVerifier final : public Verifier {
 public:
  bool verify(const PublicKey&, ByteView, const Signature&) const noexcept override {
    ++calls;
    return answer;
  }
  mutable std::atomic<int> calls = 0;
  std::atomic<bool> answer = true;
};

Bytes message_of(std::uint64_t number) { return Writer().u64(number).take(); }

class CachingVerifierTest : public testing::Test {
 protected:
  FakeVerifier inner_;
  CachingVerifier cache_{inner_, 64};
  PublicKey key_{{1, 2, 3}};
  Signature signature_{{4, 5, 6}};
  Bytes message_ = to_bytes("hi");
};

TEST_F(CachingVerifierTest, VerifiesOnceOnly) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(cache_.verify(key_, message_, signature_));
  EXPECT_EQ(inner_.calls, 1);
  EXPECT_EQ(cache_.hits(), 4U);
  EXPECT_EQ(cache_.misses(), 1U);
}

TEST_F(CachingVerifierTest, NeverRemembersAFailure) {
  inner_.answer = false;
  EXPECT_FALSE(cache_.verify(key_, message_, signature_));
  EXPECT_FALSE(cache_.verify(key_, message_, signature_));
  EXPECT_EQ(inner_.calls, 2);
  inner_.answer = true;
  EXPECT_TRUE(cache_.verify(key_, message_, signature_));
}

TEST_F(CachingVerifierTest, AnswersForTheExactTripleOnly) {
  ASSERT_TRUE(cache_.verify(key_, message_, signature_));
  inner_.answer = false;
  const auto flip = [](auto& bytes, std::size_t bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  };
  const auto refuses_every_flip_of = [&](auto& bytes) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      flip(bytes, bit);
      EXPECT_FALSE(cache_.verify(key_, message_, signature_)) << "bit " << bit;
      flip(bytes, bit);
    }
  };
  refuses_every_flip_of(key_.bytes);
  refuses_every_flip_of(signature_.bytes);
  refuses_every_flip_of(message_);
  EXPECT_FALSE(cache_.verify(key_, ByteView(message_).first(1), signature_));
  EXPECT_FALSE(cache_.verify(key_, to_bytes(std::string("hi\0", 3)), signature_));
  EXPECT_FALSE(cache_.verify(key_, {}, signature_));
  EXPECT_TRUE(cache_.verify(key_, message_, signature_));
}

TEST_F(CachingVerifierTest, RemembersWhatItIsTold) {
  inner_.answer = false;
  cache_.remember(key_, message_, signature_);
  cache_.remember(key_, message_, signature_);
  EXPECT_TRUE(cache_.verify(key_, message_, signature_));
  EXPECT_EQ(inner_.calls, 0);
}

TEST(RememberingSigner, WhatItSignedNeedsNoVerification) {
  const Ed25519Verifier plain;
  CachingVerifier verifier(plain);
  const Ed25519Signer own(KeyPair::generate());
  const RememberingSigner signer(own, verifier);
  const Bytes message = to_bytes("vote");
  Signature signature = signer.sign(message);
  EXPECT_EQ(signature, own.sign(message));
  EXPECT_TRUE(verifier.verify(signer.public_key(), message, signature));
  EXPECT_EQ(verifier.misses(), 0U);
  signature.bytes[0] ^= 1;
  EXPECT_FALSE(verifier.verify(signer.public_key(), message, signature));
}

TEST_F(CachingVerifierTest, KeepsTheRecentAndForgetsTheOld) {
  constexpr std::uint64_t kMany = 6400;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    ASSERT_TRUE(cache_.verify(key_, message_of(i), signature_));
    ASSERT_TRUE(cache_.verify(key_, message_of(i), signature_));  // the last is always there
  }
  EXPECT_EQ(cache_.hits(), kMany);
  inner_.answer = false;
  std::size_t kept = 0;
  for (std::uint64_t i = 0; i < kMany; ++i) kept += cache_.verify(key_, message_of(i), signature_);
  EXPECT_EQ(kept, cache_.entries_max());
}

TEST_F(CachingVerifierTest, WhatIsUsedStays) {
  for (std::uint64_t i = 0; i < 6400; ++i) {
    ASSERT_TRUE(cache_.verify(key_, message_, signature_));
    ASSERT_TRUE(cache_.verify(key_, message_of(i), signature_));
  }
  EXPECT_EQ(inner_.calls, 6401);
}

TEST(CachingVerifier, RoundsItsSizeUp) {
  const FakeVerifier inner;
  EXPECT_EQ(CachingVerifier(inner, 0).entries_max(), 8U);
  EXPECT_EQ(CachingVerifier(inner, 8).entries_max(), 8U);
  EXPECT_EQ(CachingVerifier(inner, 65).entries_max(), 128U);
  EXPECT_EQ(CachingVerifier(inner).entries_max(), CachingVerifier::kEntriesDefault);
}

TEST(CachingVerifier, DecoratesTheRealOne) {
  const Ed25519Verifier inner;
  const CachingVerifier cache(inner);
  const Ed25519Signer signer(KeyPair::generate());
  const Bytes message = to_bytes("vote");
  const Signature signature = signer.sign(message);
  EXPECT_FALSE(cache.verify(signer.public_key(), to_bytes("note"), signature));
  EXPECT_TRUE(cache.verify(signer.public_key(), message, signature));
  EXPECT_FALSE(cache.verify(signer.public_key(), to_bytes("note"), signature));
  EXPECT_TRUE(cache.verify(signer.public_key(), message, signature));
  EXPECT_EQ(cache.hits(), 1U);
}

TEST(CachingVerifier, ServesManyThreads) {
  const FakeVerifier inner;
  const CachingVerifier cache(inner, 32);
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, &refused] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        if (!cache.verify(PublicKey{}, message_of(i % 50), Signature{})) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(cache.hits() + cache.misses(), 8000U);
}

}  // namespace
}  // namespace waggle::crypto
