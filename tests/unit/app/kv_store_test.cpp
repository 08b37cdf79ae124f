#include "smr/app/kv_store.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "smr/app/memory_state_store.hpp"
#include "tests/unit/app/generators.hpp"

namespace waggle::app {
namespace {

const crypto::Sha256Hasher kHasher;

class KvStoreTest : public testing::Test {
 protected:
  KvResult run(const KvCommand& command) {
    return decode_kv_result(KvStore().apply({}, encode(command), store_)).value();
  }
  KvResult ask(const KvCommand& command) {
    return decode_kv_result(KvStore().query(encode(command), store_)).value();
  }
  void put(std::string_view key, std::string_view value) {
    ASSERT_EQ(run(KvPut{to_bytes(key), to_bytes(value)}), KvResult{});
  }
  KvResult get(std::string_view key) { return run(KvGet{to_bytes(key)}); }

  static KvResult just(KvStatus status) { return {status}; }
  static KvResult holds(std::string_view value) { return {KvStatus::kOk, to_bytes(value)}; }

  MemoryStateStore store_{kHasher};
};

TEST_F(KvStoreTest, PutsGetsAndDeletes) {
  EXPECT_EQ(get("k"), just(KvStatus::kNotFound));
  put("k", "v");
  EXPECT_EQ(get("k"), holds("v"));
  EXPECT_EQ(run(KvDelete{to_bytes("k")}), just(KvStatus::kOk));
  EXPECT_EQ(run(KvDelete{to_bytes("k")}), just(KvStatus::kNotFound));
  EXPECT_EQ(get("k"), just(KvStatus::kNotFound));
}

TEST_F(KvStoreTest, CompareAndSwapTellsWhatIsThereInstead) {
  const Bytes key = to_bytes("k");
  EXPECT_EQ(run(KvCas{key, to_bytes("x"), to_bytes("1")}), just(KvStatus::kMismatch));
  EXPECT_EQ(run(KvCas{key, std::nullopt, to_bytes("1")}), just(KvStatus::kOk));
  EXPECT_EQ(run(KvCas{key, std::nullopt, to_bytes("2")}),
            (KvResult{KvStatus::kMismatch, to_bytes("1")}));
  EXPECT_EQ(run(KvCas{key, to_bytes("1"), to_bytes("2")}), just(KvStatus::kOk));
  EXPECT_EQ(get("k"), holds("2"));
}

TEST_F(KvStoreTest, IncrementsFromNothingAndStopsAtTheEnds) {
  const Bytes key = to_bytes("n");
  EXPECT_EQ(run(KvIncrement{key, 5}), holds("5"));
  EXPECT_EQ(run(KvIncrement{key, -7}), holds("-2"));
  EXPECT_EQ(run(KvIncrement{key, INT64_MAX}), holds("9223372036854775805"));
  EXPECT_EQ(run(KvIncrement{key, 3}), just(KvStatus::kOverflow));
  EXPECT_EQ(get("n"), holds("9223372036854775805"));
  put("n", "-9223372036854775808");
  EXPECT_EQ(run(KvIncrement{key, -1}), just(KvStatus::kOverflow));
  put("n", "five");
  EXPECT_EQ(run(KvIncrement{key, 1}), just(KvStatus::kNotANumber));
  EXPECT_EQ(get("n"), holds("five"));
}

TEST_F(KvStoreTest, ScansPageByPage) {
  for (const char* key : {"a/1", "a/2", "a/3", "b/1"}) put(key, key);
  const KvResult first = run(KvScan{to_bytes("a/"), std::nullopt, 2});
  ASSERT_EQ(first.entries.size(), 2u);
  EXPECT_TRUE(first.more);
  const KvResult second = run(KvScan{to_bytes("a/"), first.entries.back().key, 2});
  EXPECT_EQ(second.entries, (std::vector<KvPair>{{to_bytes("a/3"), to_bytes("a/3")}}));
  EXPECT_FALSE(second.more);
  EXPECT_FALSE(run(KvScan{to_bytes("a/"), std::nullopt, 3}).more);
}

TEST_F(KvStoreTest, AScanIsBoundedInPairsAndBytes) {
  for (int i = 0; i < 1100; ++i) put("p/" + std::to_string(i), "");
  const KvResult many = run(KvScan{to_bytes("p/"), std::nullopt, 0xffffffff});
  EXPECT_EQ(many.entries.size(), KvStore::kScanPairsMax);
  EXPECT_TRUE(many.more);

  const std::string half(KvStore::kScanBytesMax / 2 - 3, 'x');
  for (const char* key : {"q/1", "q/2", "q/3"}) put(key, half);
  EXPECT_EQ(run(KvScan{to_bytes("q/"), std::nullopt, 9}).entries.size(), 2u);

  const std::string huge(KvStore::kScanBytesMax + 1, 'x');
  for (const char* key : {"r/1", "r/2"}) put(key, huge);
  const KvResult one = run(KvScan{to_bytes("r/"), std::nullopt, 9});
  EXPECT_EQ(one.entries.size(), 1u) << "or a scan could never get past it";
  EXPECT_TRUE(one.more);
}

TEST_F(KvStoreTest, RefusesWhatIsTooLarge) {
  const Bytes key(KvStore::kKeyBytesMax + 1, 'k');
  const Bytes value(KvStore::kValueBytesMax + 1, 'v');
  for (const KvCommand& command : std::vector<KvCommand>{
           KvGet{key}, KvPut{key, {}}, KvPut{{}, value}, KvDelete{key}, KvCas{key, {}, {}},
           KvCas{{}, {}, value}, KvIncrement{key, 1}, KvScan{key, {}, 1}}) {
    EXPECT_EQ(run(command), just(KvStatus::kTooLarge));
  }
  EXPECT_EQ(store_.size(), 0u);
  put(std::string(KvStore::kKeyBytesMax, 'k'), std::string(KvStore::kValueBytesMax, 'v'));
}

TEST_F(KvStoreTest, WhatTheBlockHasNoRoomForChangesNothing) {
  put("k", std::string(kResultBytesMin, 'v'));
  const CommandContext narrow{.client = {}, .height = {}, .view = {}, .result_bytes_max = 256};
  const auto apply = [&](const KvCommand& command) {
    const Bytes result = KvStore().apply(narrow, encode(command), store_);
    EXPECT_LE(result.size(), kResultBytesMin);
    return decode_kv_result(result).value();
  };
  const Bytes key = to_bytes("k");
  const Digest before = store_.digest();
  for (const KvCommand& command :
       std::vector<KvCommand>{KvGet{key}, KvScan{{}, {}, 9}, KvCas{key, std::nullopt, {}}}) {
    EXPECT_EQ(apply(command), just(KvStatus::kNoRoom));
  }
  EXPECT_EQ(store_.digest(), before);
  EXPECT_EQ(apply(KvPut{key, to_bytes("short")}), KvResult{}) << "there is always room for these";
  EXPECT_EQ(apply(KvGet{key}), holds("short"));
  EXPECT_EQ(apply(KvIncrement{to_bytes("n"), INT64_MIN}), holds("-9223372036854775808"));
  EXPECT_EQ(apply(KvDelete{key}), just(KvStatus::kOk));
}

TEST_F(KvStoreTest, AQueryReadsAndNothingElse) {
  put("k", "v");
  EXPECT_EQ(ask(KvGet{to_bytes("k")}), holds("v"));
  EXPECT_EQ(ask(KvScan{{}, {}, 9}).entries.size(), 1u);
  for (const KvCommand& command :
       std::vector<KvCommand>{KvPut{{}, {}}, KvDelete{{}}, KvCas{}, KvIncrement{}}) {
    EXPECT_EQ(ask(command), just(KvStatus::kNotARead));
  }
}

TEST_F(KvStoreTest, AnyBytesGetAResultAndOnlyCommandsChangeAnything) {
  ASSERT_TRUE(rc::check([] {
    const Bytes bytes = *any_bytes();
    MemoryStateStore store(kHasher);
    const auto applied = decode_kv_result(KvStore().apply({}, bytes, store));
    const auto asked = decode_kv_result(KvStore().query(bytes, store));
    RC_ASSERT(applied.has_value() && asked.has_value());
    if (decode_kv_command(bytes)) return;
    RC_ASSERT(applied->status == KvStatus::kMalformed && asked->status == KvStatus::kMalformed);
    RC_ASSERT(store.size() == 0u);
  }));
}

/// The same store, written down once more without a thought for speed.
struct Model {
  std::map<Bytes, Bytes> pairs;

  std::optional<Bytes> value_of(const Bytes& key) const {
    return pairs.contains(key) ? std::optional(pairs.at(key)) : std::nullopt;
  }
  KvResult operator()(const KvGet& c) {
    return {pairs.contains(c.key) ? KvStatus::kOk : KvStatus::kNotFound, value_of(c.key)};
  }
  KvResult operator()(const KvPut& c) { return pairs[c.key] = c.value, KvResult{}; }
  KvResult operator()(const KvDelete& c) {
    return {pairs.erase(c.key) == 1 ? KvStatus::kOk : KvStatus::kNotFound};
  }
  KvResult operator()(const KvCas& c) {
    if (value_of(c.key) != c.expected) return {KvStatus::kMismatch, value_of(c.key)};
    return pairs[c.key] = c.value, KvResult{};
  }
  KvResult operator()(const KvIncrement& c) {
    const std::string text = pairs.contains(c.key) ? std::string(as_text(pairs[c.key])) : "0";
    std::int64_t number = 0;
    try {
      number = std::stoll(text);
    } catch (const std::exception&) {
      return {KvStatus::kNotANumber};
    }
    if (std::to_string(number) != text) return {KvStatus::kNotANumber};
    const bool fits = c.delta < 0 ? number >= INT64_MIN - c.delta : number <= INT64_MAX - c.delta;
    if (!fits) return {KvStatus::kOverflow};
    pairs[c.key] = to_bytes(std::to_string(number + c.delta));
    return {KvStatus::kOk, pairs[c.key]};
  }
  KvResult operator()(const KvScan& c) {
    KvResult result;
    for (const auto& [key, value] : pairs) {
      if (!has_prefix(key, c.prefix) || (c.start_after && key <= *c.start_after)) continue;
      if (result.entries.size() < c.limit) {
        result.entries.push_back({key, value});
      } else {
        result.more = true;
      }
    }
    return result;
  }
};

TEST_F(KvStoreTest, AgreesWithAModelAndSoDoTwoReplicas) {
  ASSERT_TRUE(rc::check([] {
    const auto commands = *rc::gen::container<std::vector<KvCommand>>(any_command());
    MemoryStateStore store(kHasher), replayed(kHasher);
    Model model;
    for (const KvCommand& command : commands) {
      const Bytes result = KvStore().apply({}, encode(command), store);
      RC_ASSERT(decode_kv_result(result).value() == std::visit(model, command));
      RC_ASSERT(KvStore().apply({}, encode(command), replayed) == result);
    }
    StateDigest expected(kHasher);
    for (const auto& [key, value] : model.pairs) expected.add(key, value);
    RC_ASSERT(KvStore().digest(store) == expected.value());
    RC_ASSERT(KvStore().digest(replayed) == expected.value());
  }));
}

}  // namespace
}  // namespace waggle::app
