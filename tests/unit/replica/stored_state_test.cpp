// The state in storage, its digest, and what is remembered of it.
#include "smr/replica/stored_state.hpp"

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "sim/base/random.hpp"
#include "storage/memory_storage.hpp"

namespace waggle::smr {
namespace {

using storage::Family;

const crypto::Sha256Hasher kHasher;

/// Counts reads of the state.
class CountingStorage final : public storage::Storage {
 public:
  storage::Outcome<void> write(const storage::Batch& batch, bool sync) override {
    return inner.write(batch, sync);
  }
  storage::Outcome<std::optional<Bytes>> get(Family family, ByteView key) const override {
    ++reads;
    return inner.get(family, key);
  }
  storage::Outcome<void> scan(
      Family family, ByteView from, ByteView to,
      const std::function<bool(ByteView key, ByteView value)>& visit) const override {
    return inner.scan(family, from, to, visit);
  }

  storage::MemoryStorage inner;
  mutable std::size_t reads = 0;
};

struct Stored : ::testing::Test {
  /// The end of a block.
  void finish() {
    storage::Batch batch;
    state->take_changes(batch);
    ASSERT_TRUE(storage.write(batch, false));
  }
  Digest from_scratch() const {
    app::StateDigest digest(kHasher, domain::kState);
    EXPECT_TRUE(storage.scan(Family::kState, {}, {}, [&](ByteView key, ByteView value) {
      digest.add(key, value);
      return true;
    }));
    return digest.value();
  }

  CountingStorage storage;
  std::optional<StoredState> state{std::in_place, storage, kHasher, Digest{}};
};

TEST_F(Stored, DigestIsThatOfTheContentWhateverIsRemembered) {
  sim::Random rng(7);
  for (int block = 0; block < 60; ++block) {
    for (int i = 0; i < 40; ++i) {
      // Some are too long to be remembered.
      const Bytes key(1 + rng.below(60), static_cast<std::uint8_t>('a' + rng.below(4)));
      if (rng.below(3) == 0) {
        state->erase(key);
      } else {
        state->put(key, Bytes(rng.below(5), static_cast<std::uint8_t>(rng.below(256))));
      }
    }
    finish();
    ASSERT_EQ(state->digest(), from_scratch());
    if (block % 10 == 9) state.emplace(storage, kHasher, Digest(state->digest()));  // a restart
  }
}

TEST_F(Stored, WhatWasPutLatelyIsNotReadToBeOverwritten) {
  state->put(as_bytes("key"), as_bytes("1"));
  finish();
  storage.reads = 0;
  for (int i = 0; i < 10; ++i) {
    state->put(as_bytes("key"), as_bytes(std::to_string(i)));
    finish();
  }
  EXPECT_TRUE(state->erase(as_bytes("key")));
  EXPECT_EQ(storage.reads, 0U);
  finish();
  EXPECT_FALSE(state->erase(as_bytes("key"))) << "what is erased is not remembered as there";
  EXPECT_EQ(state->digest(), Digest{});
}

Digest element(std::uint8_t byte) {
  Digest digest;
  digest.bytes[0] = byte;
  return digest;
}

TEST(ElementCache, KeepsWhatIsNewestWithinItsBound) {
  ElementCache cache(64);
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "key " + std::to_string(i);
    cache.keep(as_bytes(key), element(static_cast<std::uint8_t>(i)));
    const Digest* kept = cache.find(as_bytes(key));
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(*kept, element(static_cast<std::uint8_t>(i)));
  }
  std::size_t known = 0;
  for (int i = 0; i < 1000; ++i) {
    const Digest* kept = cache.find(as_bytes("key " + std::to_string(i)));
    if (kept == nullptr) continue;
    ++known;
    EXPECT_EQ(*kept, element(static_cast<std::uint8_t>(i)));
  }
  EXPECT_GT(known, 48U);
  EXPECT_LE(known, 64U);
}

TEST(ElementCache, GrowsWithoutForgettingMuch) {
  ElementCache cache;
  const int count = 20'000;
  for (int i = 0; i < count; ++i) cache.keep(as_bytes(std::to_string(i)), element(1));
  int known = 0;
  for (int i = 0; i < count; ++i) known += cache.find(as_bytes(std::to_string(i))) != nullptr;
  EXPECT_GT(known, count - count / 100) << "there is room for six times as many";
}

TEST(ElementCache, TellsKeysApart) {
  ElementCache cache;
  const std::string zero(1, '\0');
  cache.keep({}, element(1));
  cache.keep(as_bytes(zero), element(2));
  EXPECT_EQ(*cache.find({}), element(1));
  EXPECT_EQ(*cache.find(as_bytes(zero)), element(2));
  cache.keep({}, element(3));
  EXPECT_EQ(*cache.find({}), element(3)) << "the newest counts";
  cache.forget({});
  EXPECT_EQ(cache.find({}), nullptr);
  EXPECT_EQ(*cache.find(as_bytes(zero)), element(2));
  const std::string longest(ElementCache::kKeyBytesMax, 'k');
  cache.keep(as_bytes(longest), element(4));
  EXPECT_EQ(*cache.find(as_bytes(longest)), element(4));
  cache.keep(as_bytes(longest + "k"), element(5));
  EXPECT_EQ(cache.find(as_bytes(longest + "k")), nullptr);
}

}  // namespace
}  // namespace waggle::smr
