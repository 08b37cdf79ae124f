#include "smr/app/snapshot.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/app/memory_state_store.hpp"
#include "tests/unit/app/generators.hpp"

namespace waggle::app {
namespace {

const crypto::Sha256Hasher kHasher;

Bytes snapshot_of(const StateView& state) {
  Bytes bytes;
  KvStore().snapshot(
      state, [&](ByteView piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
  return bytes;
}

/// Delivers at most `step` bytes at a time.
Result<void, Refusal> restore(ByteView bytes, StateStore& store, std::size_t step = 7) {
  return KvStore().restore(
      [&](std::span<std::uint8_t> buffer) {
        const std::size_t size = std::min({buffer.size(), bytes.size(), step});
        std::copy_n(bytes.begin(), size, buffer.begin());
        bytes = bytes.subspan(size);
        return size;
      },
      store);
}

bool refuses(const Bytes& bytes) {
  MemoryStateStore store(kHasher);
  const auto outcome = restore(bytes, store);
  return !outcome && outcome.error() == Refusal::kMalformed;
}

TEST(Snapshot, RestoresWhatItHolds) {
  ASSERT_TRUE(rc::check([](const std::map<Bytes, Bytes>& pairs) {
    MemoryStateStore original(kHasher), restored(kHasher);
    for (const auto& [key, value] : pairs) original.put(key, value);
    const Bytes bytes = snapshot_of(original);
    RC_ASSERT(restore(bytes, restored, *rc::gen::inRange<std::size_t>(1, 100)).has_value());
    RC_ASSERT(snapshot_of(restored) == bytes);
    RC_ASSERT(restored.digest() == original.digest());
    RC_ASSERT(restored.size() == pairs.size());
  }));
}

TEST(Snapshot, RefusesEveryShorterLongerAndFlippedOne) {
  MemoryStateStore store(kHasher);
  store.put(as_bytes("a"), as_bytes("1"));
  store.put(as_bytes("b"), as_bytes("22"));
  const Bytes good = snapshot_of(store);
  ASSERT_FALSE(refuses(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(refuses(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_TRUE(refuses(longer));
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes flipped = good;
    flipped[i / 8] = static_cast<std::uint8_t>(flipped[i / 8] ^ (1 << (i % 8)));
    EXPECT_TRUE(refuses(flipped)) << "bit " << i;
  }
}

TEST(Snapshot, RefusesKeysOutOfOrderOrTwice) {
  for (const char* second : {"a", "b"}) {
    MemoryStateStore store(kHasher);  // For the digest that would be right.
    Writer writer;
    writer.raw(domain::kSnapshot);
    for (const char* key : {"b", second}) {
      writer.u8(1).sized(as_bytes(key)).sized({});
      store.put(as_bytes(key), {});
    }
    writer.u8(0).fixed(store.digest());
    EXPECT_TRUE(refuses(writer.take())) << second;
  }
}

TEST(Snapshot, AFalseLengthAllocatesNothingMuch) {
  Writer writer;
  writer.raw(domain::kSnapshot).u8(1).u32(0xffffffff).raw(as_bytes("short"));
  EXPECT_TRUE(refuses(writer.take()));
}

TEST(Snapshot, ValuesLargerThanAPieceSurvive) {
  MemoryStateStore original(kHasher), restored(kHasher);
  original.put(as_bytes("k"), Bytes(300'000, 0x5a));
  ASSERT_TRUE(restore(snapshot_of(original), restored, 1 << 20).has_value());
  EXPECT_EQ(restored.get(as_bytes("k")), Bytes(300'000, 0x5a));
}

}  // namespace
}  // namespace waggle::app
