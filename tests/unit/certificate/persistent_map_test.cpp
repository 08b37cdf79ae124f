#include "smr/certificate/persistent_map.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace waggle::certificate {
namespace {

using Map = PersistentMap<std::uint16_t, int>;
using Model = std::map<std::uint16_t, int>;

Model contents(const Map& map) {
  Model found;
  std::vector<std::uint16_t> keys;
  map.for_each([&](std::uint16_t key, int value) {
    EXPECT_TRUE(keys.empty() || keys.back() < key) << "rising";
    keys.push_back(key);
    found[key] = value;
  });
  EXPECT_EQ(found.size(), map.size());
  return found;
}

TEST(PersistentMap, DoesWhatAMapDoesAndLeavesCopiesAlone) {
  const bool ok = rc::check([] {
    Map map;
    Model model;
    std::vector<std::pair<Map, Model>> copies;
    const auto steps = *rc::gen::container<std::vector<std::pair<std::uint16_t, int>>>(
        rc::gen::pair(rc::gen::inRange<std::uint16_t>(0, 64), rc::gen::inRange(-2, 8)));
    for (const auto& [key, value] : steps) {
      if (value < 0) {
        map.erase(key);
        model.erase(key);
      } else {
        map.set(key, value);
        model[key] = value;
      }
      copies.emplace_back(map, model);
      const auto held = model.find(key);
      RC_ASSERT((map.find(key) != nullptr) == (held != model.end()));
      if (model.empty()) continue;
      RC_ASSERT(map.front().key == model.begin()->first);
      RC_ASSERT(map.back().key == model.rbegin()->first);
    }
    for (const auto& [copy, expected] : copies) RC_ASSERT(contents(copy) == expected);
  });
  EXPECT_TRUE(ok);
}

TEST(PersistentMap, IsEmptyAtFirst) {
  Map map;
  map.erase(1);
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.find(1), nullptr);
}

/// Counts comparisons: one way down costs two for each level.
struct Counted {
  std::uint32_t value = 0;
  static inline std::uint64_t comparisons = 0;
  friend bool operator<(const Counted& a, const Counted& b) {
    ++comparisons;
    return a.value < b.value;
  }
};

TEST(PersistentMap, StaysBalancedHoweverItIsFilled) {
  constexpr std::uint32_t kMany = 1 << 14;
  for (const bool rising : {true, false}) {
    PersistentMap<Counted, int> map;
    for (std::uint32_t i = 0; i < kMany; ++i) map.set({rising ? i : kMany - i}, 0);
    for (std::uint32_t i = 0; i < kMany; i += 3) map.erase({i});
    for (std::uint32_t i = 1; i < kMany; i += 97) {
      Counted::comparisons = 0;
      map.find({i});
      EXPECT_LE(Counted::comparisons, 2u * 2 * 14) << "a depth of 2 log2 n at most";
    }
  }
}

}  // namespace
}  // namespace waggle::certificate
