#include "smr/app/memory_state_store.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "tests/unit/app/generators.hpp"

namespace waggle::app {
namespace {

const crypto::Sha256Hasher kHasher;

std::vector<std::string> keys_of(const StateView& state, std::string_view prefix,
                                 std::optional<std::string_view> start_after = {}) {
  std::optional<ByteView> above;
  if (start_after) above = as_bytes(*start_after);
  std::vector<std::string> keys;
  state.scan(as_bytes(prefix), above, [&](ByteView key, ByteView) {
    keys.emplace_back(as_text(key));
    return true;
  });
  return keys;
}

TEST(MemoryStateStore, PutsReplacesAndErases) {
  MemoryStateStore store(kHasher);
  EXPECT_EQ(store.get(as_bytes("k")), std::nullopt);
  store.put(as_bytes("k"), as_bytes("1"));
  store.put(as_bytes("k"), as_bytes("2"));
  EXPECT_EQ(store.get(as_bytes("k")), to_bytes("2"));
  EXPECT_EQ(store.size(), 1u);
  EXPECT_TRUE(store.erase(as_bytes("k")));
  EXPECT_FALSE(store.erase(as_bytes("k")));
  EXPECT_EQ(store.get(as_bytes("k")), std::nullopt);
  EXPECT_TRUE(store.digest().is_zero());
}

TEST(MemoryStateStore, ScansAPrefixInByteOrder) {
  MemoryStateStore store(kHasher);
  for (const char* key : {"b", "ab", "a", "abc", "ac", "\xff", ""}) {
    store.put(as_bytes(key), as_bytes("v"));
  }
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys_of(store, ""), (Keys{"", "a", "ab", "abc", "ac", "b", "\xff"}));
  EXPECT_EQ(keys_of(store, "a"), (Keys{"a", "ab", "abc", "ac"}));
  EXPECT_EQ(keys_of(store, "a", "a"), (Keys{"ab", "abc", "ac"}));
  EXPECT_EQ(keys_of(store, "a", "ab!"), (Keys{"abc", "ac"}));
  EXPECT_EQ(keys_of(store, "ab", "a"), (Keys{"ab", "abc"})) << "below the prefix";
  EXPECT_EQ(keys_of(store, "ab", "b"), Keys{}) << "above the prefix";
  EXPECT_EQ(keys_of(store, "", ""), (Keys{"a", "ab", "abc", "ac", "b", "\xff"}));
  EXPECT_EQ(keys_of(store, "\xff"), Keys{"\xff"});
}

TEST(MemoryStateStore, AScanEndsWhenTheVisitorSaysSo) {
  MemoryStateStore store(kHasher);
  for (const char* key : {"a", "b", "c"}) store.put(as_bytes(key), {});
  int visited = 0;
  store.scan({}, std::nullopt, [&](ByteView, ByteView) { return ++visited < 2; });
  EXPECT_EQ(visited, 2);
}

TEST(MemoryStateStore, AgreesWithAMapAndItsDigestWithTheContent) {
  ASSERT_TRUE(rc::check([] {
    using Change = std::pair<Bytes, std::optional<Bytes>>;
    const auto changes =
        *rc::gen::container<std::vector<Change>>(rc::gen::pair(short_key(), maybe(any_bytes())));
    MemoryStateStore store(kHasher);
    std::map<Bytes, Bytes> model;
    for (const auto& [key, value] : changes) {
      if (value) {
        store.put(key, *value);
        model[key] = *value;
      } else {
        RC_ASSERT(store.erase(key) == (model.erase(key) == 1));
      }
    }
    std::map<Bytes, Bytes> seen;
    StateDigest digest(kHasher);
    store.scan({}, std::nullopt, [&](ByteView key, ByteView value) {
      seen.emplace(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
      digest.add(key, value);
      return true;
    });
    RC_ASSERT(seen == model);
    RC_ASSERT(store.digest() == digest.value());
  }));
}

}  // namespace
}  // namespace waggle::app
