// docs/spec/median-smr.md, 8: random schedules of sealing. With all rules nobody disagrees; with
// one of them removed somebody must, or the search shows nothing.

#include <gtest/gtest.h>

#include "tests/spec/median_sealing.hpp"
#include "tests/support/scaled.hpp"

namespace waggle::median {
namespace {

/// One random schedule. In each window some servers, often a bare majority, sign PREs, mostly with
/// the window's favourite tail; some of them learn what is certified, or nobody, or all. Now and
/// then somebody learns of an older window, hears COMMITs, or restarts.
class Schedule {
 public:
  Schedule(std::uint32_t n, std::uint64_t seed, const SealingGuards& guards)
      : table_(n, guards), rng_(seed * 1000 + n) {}

  bool agreement() {
    const std::uint32_t windows = 3 + below(4);
    for (Window w = 1; w <= windows; ++w) {
      const std::string favourite = tail();
      const std::vector<std::uint32_t> awake = some_servers();
      for (const std::uint32_t i : awake) {
        table_.pre_tail(i, w, one_in(6) ? tail() : favourite);
        if (one_in(12)) disturb(w);
      }
      const std::uint32_t learning = below(3);  // nobody, half of them, all
      for (const std::uint32_t i : awake) {
        if (below(2) < learning) one_in(4) ? table_.hear_pres(i, w) : learn(i, w);
      }
      while (!one_in(3)) disturb(w);
    }
    return table_.checker().agreement();
  }

 private:
  std::uint32_t anyone() { return 1 + below(table_.n()); }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(rng_.below(bound)); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  std::string tail() {
    std::string result(1, static_cast<char>('a' + below(2)));
    if (one_in(3)) result.push_back(static_cast<char>('a' + below(2)));
    return result;
  }
  /// A random majority, or all.
  std::vector<std::uint32_t> some_servers() {
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 1; i <= table_.n(); ++i) all.push_back(i);
    shuffle(all);
    if (!one_in(4)) all.resize(table_.quorum());
    return all;
  }
  void shuffle(std::vector<std::uint32_t>& servers) {
    for (std::size_t i = servers.size(); i > 1; --i) {
      std::swap(servers[i - 1], servers[below(static_cast<std::uint32_t>(i))]);
    }
  }

  /// Something that is not in step with the window.
  void disturb(Window w) {
    const Window old = 1 + rng_.below(w);
    const std::uint32_t i = anyone();
    switch (below(10)) {
      case 0: table_.spread(anyone(), i); return;
      case 1: table_.pre_tail(i, old, tail()); return;
      case 2:
        table_.restart(i);
        table_.pre_tail(i, w, tail());
        return;
      case 3:
      case 4:
        for (Window heard = 1; heard <= w; ++heard) table_.hear_commits(i, heard);
        return;
      default: learn(i, old);
    }
  }

  /// A certificate of a random majority of those who signed.
  void learn(std::uint32_t i, Window w) {
    std::vector<std::uint32_t> signers = table_.signers(w);
    if (signers.size() < table_.quorum()) return;
    shuffle(signers);
    signers.resize(table_.quorum());
    table_.learn(i, w, signers);
  }

  SealingTable table_;
  sim::Random rng_;
};

class MedianSearch : public testing::TestWithParam<std::uint32_t> {};

TEST_P(MedianSearch, WithAllRulesEveryScheduleAgrees) {
  for (std::uint64_t seed = 1; seed <= scaled(10000); ++seed) {
    ASSERT_TRUE(Schedule(GetParam(), seed, {}).agreement()) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MedianSearch, testing::Values(3, 4, 5, 7));

struct Planted {
  std::string name;
  SealingGuards guards;
  std::uint32_t n = 3;
};

class MedianPlanted : public testing::TestWithParam<Planted> {};

TEST_P(MedianPlanted, IsFoundByRandomSchedules) {
  for (std::uint64_t seed = 1; seed <= 50000; ++seed) {
    if (Schedule(GetParam().n, seed, GetParam().guards).agreement()) continue;
    RecordProperty("first_seed", static_cast<int>(seed));
    return;
  }
  FAIL() << GetParam().name << " is not found";
}

const Planted kPlanted[] = {
    {"no_lock", {.lock = false}},
    {"no_marks", {.marks = false}},
    {"older_replaces", {.newer_replaces = false}},
    {"lock_shortened", {.lock_not_shortened = false}},
    {"two_pres", {.one_pre_per_window = false}},
    {"commit_after_pre", {.no_commit_after_pre = false}},
    {"one_step", {.second_step = false}},
    {"windows_added_up", {.windows_apart = false}},
    {"half_is_enough", {.full_majority = false}, 4},
    {"restart_forgets_pre", {.restart_keeps_pre = false}},
    {"restart_forgets_lock", {.restart_keeps_lock = false}},
};

INSTANTIATE_TEST_SUITE_P(Bugs, MedianPlanted, testing::ValuesIn(kPlanted),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace waggle::median
