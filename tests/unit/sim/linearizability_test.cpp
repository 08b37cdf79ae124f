#include "sim/checker/linearizability.hpp"

#include <gtest/gtest.h>

#include "sim/base/random.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/app/memory_state_store.hpp"

namespace waggle::sim {
namespace {

using app::KvResult;
using app::KvStatus;
using Verdict = Linearization::Verdict;

const Bytes kKey = to_bytes("k");
const std::set<KvState> kEmpty = {KvState{}};

KvResult ok(std::optional<std::string> value = std::nullopt) {
  return {.value = value ? std::optional(to_bytes(*value)) : std::nullopt};
}
app::KvPut put(const std::string& value) { return {kKey, to_bytes(value)}; }
app::KvGet get() { return {kKey}; }
app::KvIncrement increment() { return {kKey, 1}; }

Linearization search(const std::vector<KvOperation>& history) {
  return linearize(history, kEmpty, 10'000);
}

TEST(Linearizability, OneAfterTheOther) {
  const auto found = search({{put("a"), 1, 2, ok()}, {get(), 3, 4, ok("a")}});
  EXPECT_EQ(found.verdict, Verdict::kYes);
  EXPECT_EQ(found.states, std::set<KvState>{to_bytes("a")});
}

TEST(Linearizability, AStaleReadIsFound) {
  const auto found =
      search({{put("a"), 1, 2, ok()}, {put("b"), 3, 4, ok()}, {get(), 5, 6, ok("a")}});
  EXPECT_EQ(found.verdict, Verdict::kNo);
  EXPECT_EQ(found.blamed, 2U);
}

TEST(Linearizability, WhatOverlapsMayGoEitherWay) {
  for (const char* seen : {"a", "b"}) {
    EXPECT_EQ(
        search({{put("a"), 1, 2, ok()}, {put("b"), 3, 6, ok()}, {get(), 4, 5, ok(seen)}}).verdict,
        Verdict::kYes);
  }
  // But two reads may not see it come and go again.
  EXPECT_EQ(search({{put("a"), 1, 2, ok()},
                    {put("b"), 3, 10, ok()},
                    {get(), 4, 5, ok("b")},
                    {get(), 6, 7, ok("a")}})
                .verdict,
            Verdict::kNo);
}

TEST(Linearizability, AnUnansweredOperationMayHappenLateOrNever) {
  const KvOperation lost{put("b"), 3, std::nullopt, {}};
  EXPECT_EQ(search({{put("a"), 1, 2, ok()}, lost, {get(), 5, 6, ok("a")}, {get(), 7, 8, ok("b")}})
                .verdict,
            Verdict::kYes);
  const auto found = search({{put("a"), 1, 2, ok()}, lost});
  EXPECT_EQ(found.states, (std::set<KvState>{to_bytes("a"), to_bytes("b")}));
  // Before it was asked for it did not happen.
  EXPECT_EQ(search({{get(), 1, 2, ok("b")}, lost}).verdict, Verdict::kNo);
}

TEST(Linearizability, AnIncrementThatCountsTwiceIsFound) {
  EXPECT_EQ(search({{increment(), 1, 4, ok("1")}, {increment(), 2, 3, ok("2")}}).verdict,
            Verdict::kYes);
  EXPECT_EQ(search({{increment(), 1, 4, ok("1")}, {increment(), 2, 3, ok("1")}}).verdict,
            Verdict::kNo);
  EXPECT_EQ(search({{increment(), 1, 2, ok("2")}}).verdict, Verdict::kNo);
}

TEST(Linearizability, CompareAndSwapAndDelete) {
  const app::KvCas swap{kKey, to_bytes("a"), to_bytes("b")};
  const KvResult mismatch{.status = KvStatus::kMismatch};
  const KvResult not_found{.status = KvStatus::kNotFound};
  EXPECT_EQ(search({{swap, 1, 2, mismatch},
                    {put("a"), 3, 4, ok()},
                    {swap, 5, 6, ok()},
                    {app::KvDelete{kKey}, 7, 8, ok()},
                    {get(), 9, 10, not_found}})
                .verdict,
            Verdict::kYes);
  // Two swaps from the same value cannot both succeed.
  EXPECT_EQ(search({{put("a"), 1, 2, ok()}, {swap, 3, 6, ok()}, {swap, 4, 5, ok()}}).verdict,
            Verdict::kNo);
}

TEST(Linearizability, TheStateBeforeCounts) {
  const std::vector<KvOperation> history = {{get(), 1, 2, ok("x")}};
  EXPECT_EQ(linearize(history, {to_bytes("x"), to_bytes("y")}, 100).verdict, Verdict::kYes);
  EXPECT_EQ(linearize(history, {to_bytes("y")}, 100).verdict, Verdict::kNo);
}

TEST(Linearizability, ATooHardHistoryIsUnknown) {
  std::vector<KvOperation> history;
  for (std::uint64_t i = 0; i < 30; ++i)
    history.push_back({put(std::to_string(i)), 1 + i, 100 + i, ok()});
  EXPECT_EQ(search(history).verdict, Verdict::kUnknown);
}

/// Histories of a real store with real overlaps: always linearizable. With one answer changed to
/// one that nothing gives: never.
TEST(Linearizability, AgreesWithARealStore) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const app::KvStore store;
    class Hash final : public Hasher {
     public:
      Digest hash(std::initializer_list<ByteView>) const noexcept override { return {}; }
    } hasher;
    app::MemoryStateStore state(hasher);
    std::vector<KvOperation> history;
    for (std::uint64_t i = 0; i < 40; ++i) {
      const std::uint64_t kind = random.below(5);
      const Bytes value = to_bytes(std::to_string(random.below(4)));
      app::KvCommand command = app::KvGet{kKey};
      if (kind == 1) command = app::KvPut{kKey, value};
      if (kind == 2) command = app::KvDelete{kKey};
      if (kind == 3) command = app::KvCas{kKey, to_bytes(std::to_string(random.below(4))), value};
      if (kind == 4) command = app::KvIncrement{kKey, 1};
      const Bytes answer = store.apply({}, app::encode(command), state);
      // It took effect at 1000 * i: asked some time before, answered some time after.
      history.push_back({command, 1000 * i + 1000 - 2 * random.below(400) - 1,
                         1000 * i + 1000 + 2 * random.below(1500), *app::decode_kv_result(answer)});
    }
    ASSERT_EQ(search(history).verdict, Verdict::kYes) << "seed " << seed;
    history[random.below(history.size())].result = ok("impossible");
    ASSERT_EQ(search(history).verdict, Verdict::kNo) << "seed " << seed;
  }
}

}  // namespace
}  // namespace waggle::sim
