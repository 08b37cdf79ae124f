// The schedules of a Twins test: counted and listed against brute force.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "sim/explore/twins.hpp"

namespace waggle::sim {
namespace {

using Schedule = std::vector<TwinView>;
/// A schedule without numbers of groups: per view its leader and the set of its groups.
using Form = std::vector<std::pair<std::uint32_t, std::set<std::set<std::uint32_t>>>>;

Form form_of(const Schedule& schedule, const std::vector<std::uint32_t>& to, std::uint32_t n) {
  Form form;
  for (const TwinView& view : schedule) {
    std::map<std::uint32_t, std::set<std::uint32_t>> groups;
    for (std::uint32_t at = 0; at < view.groups.size(); ++at) {
      groups[view.groups[at]].insert(to[at]);
    }
    std::set<std::set<std::uint32_t>> named;
    for (const auto& [number, group] : groups) named.insert(group);
    const std::uint32_t leader = to[view.leader];
    form.emplace_back(leader < n ? leader : leader - n, named);
  }
  return form;
}

/// All permutations of addresses that keep twins together and honest replicas alone.
std::vector<std::vector<std::uint32_t>> renamings(const TwinSpaceOptions& options) {
  std::vector<std::vector<std::uint32_t>> found;
  std::vector<std::uint32_t> to(options.n + options.twins);
  std::iota(to.begin(), to.end(), 0U);
  const auto identity = [&](std::uint32_t at) { return at < options.n ? at : at - options.n; };
  do {
    bool keeps = true;
    for (std::uint32_t id = 0; id < options.n; ++id) {
      const bool twin = id < options.twins;
      keeps = keeps && (identity(to[id]) < options.twins) == twin;
      if (twin) keeps = keeps && identity(to[id]) == identity(to[options.n + id]);
    }
    if (keeps) found.push_back(to);
  } while (std::next_permutation(to.begin(), to.end()));
  return found;
}

/// Every view there is, in any naming of its groups.
std::set<Form> brute_force(const TwinSpaceOptions& options) {
  const std::uint32_t addresses = options.n + options.twins;
  std::vector<TwinView> views;
  std::set<Form> seen;
  std::vector<std::uint32_t> same(addresses);
  std::iota(same.begin(), same.end(), 0U);
  std::uint32_t namings = 1;
  for (std::uint32_t i = 0; i < addresses; ++i) namings *= options.partitions_max;
  for (std::uint32_t leader = 0; leader < options.n; ++leader) {
    for (std::uint32_t naming = 0; naming < namings; ++naming) {
      TwinView view{leader, {}};
      for (std::uint32_t rest = naming; view.groups.size() < addresses;
           rest /= options.partitions_max) {
        view.groups.push_back(rest % options.partitions_max);
      }
      if (seen.insert(form_of({view}, same, options.n)).second) views.push_back(view);
    }
  }
  std::vector<Schedule> schedules = {{}};
  for (std::uint32_t i = 0; i < options.views; ++i) {
    std::vector<Schedule> longer;
    for (const Schedule& schedule : schedules) {
      for (const TwinView& view : views) {
        longer.push_back(schedule);
        longer.back().push_back(view);
      }
    }
    schedules = std::move(longer);
  }
  const auto all = renamings(options);
  std::set<Form> found;
  for (const Schedule& schedule : schedules) {
    Form least = form_of(schedule, all.front(), options.n);
    for (const auto& to : all) least = std::min(least, form_of(schedule, to, options.n));
    found.insert(least);
  }
  return found;
}

TEST(TwinSpace, HoldsEverySchedulesOnceUpToNames) {
  for (const TwinSpaceOptions& options :
       {TwinSpaceOptions{4, 1, 1, 2}, TwinSpaceOptions{4, 1, 1, 5}, TwinSpaceOptions{3, 1, 2, 2},
        TwinSpaceOptions{3, 1, 2, 3}, TwinSpaceOptions{4, 2, 1, 2}, TwinSpaceOptions{3, 1, 3, 2},
        TwinSpaceOptions{4, 0, 2, 2}}) {
    const auto space = TwinSpace::make(options);
    ASSERT_TRUE(space);
    const std::set<Form> expected = brute_force(options);
    EXPECT_EQ(space->size(), expected.size());
    const auto all = renamings(options);
    std::set<Form> listed;
    for (std::uint64_t number = 0; number < space->size(); ++number) {
      const Schedule schedule = space->at(number);
      Form least = form_of(schedule, all.front(), options.n);
      for (const auto& to : all) least = std::min(least, form_of(schedule, to, options.n));
      EXPECT_TRUE(listed.insert(least).second) << "number " << number << " repeats another";
    }
    EXPECT_EQ(listed, expected);
  }
}

TEST(TwinSpace, IsInLexicographicOrder) {
  const auto space = TwinSpace::make({4, 1, 3, 2});
  ASSERT_TRUE(space);
  EXPECT_EQ(space->choices(), 64U);
  const auto key = [&](std::uint64_t number) {
    std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> views;
    for (const TwinView& view : space->at(number)) views.emplace_back(view.leader, view.groups);
    return views;
  };
  for (std::uint64_t number = 1; number < space->size(); number += 37) {
    EXPECT_LT(key(number - 1), key(number)) << number;
  }
  EXPECT_EQ(space->at(0).front(), (TwinView{0, {0, 0, 0, 0, 0}}));
}

TEST(TwinSpace, RefusesWhatCannotBeCounted) {
  EXPECT_FALSE(TwinSpace::make({4, 1, 14, 2}));
  EXPECT_FALSE(TwinSpace::make({7, 2, 4, 9}));
  EXPECT_TRUE(TwinSpace::make({7, 2, 4, 2}));
}

TEST(TwinSpace, ASampleLiesEvenlyInTheWholeSpace) {
  const auto space = TwinSpace::make({4, 1, 3, 2});
  ASSERT_TRUE(space);
  TwinsOptions options;
  options.space.views = 3;
  options.limit = 100;
  const TwinSample some = sample_of(options, *space);
  EXPECT_LE(some.count, 100U);
  EXPECT_GT(some.count, 80U);
  EXPECT_GT(some.first + some.stride * some.count, space->size() - 1);
  EXPECT_LT(some.first + some.stride * (some.count - 1), space->size());
  std::set<std::pair<std::uint32_t, std::vector<std::uint32_t>>> last_views;
  std::set<std::uint64_t> turns;
  std::uint64_t early = 0;
  for (std::uint64_t i = 0; i < some.count; ++i) {
    const TwinView last = space->at(some.first + some.stride * i).back();
    last_views.emplace(last.leader, last.groups);
    turns.insert(some.at(i));
    if (i == 9)
      early = static_cast<std::uint64_t>(
          std::distance(turns.begin(), turns.lower_bound(space->size() / 2)));
  }
  EXPECT_EQ(turns.size(), some.count);
  EXPECT_TRUE(early >= 4 && early <= 6) << early << " of the first ten are in the lower half";
  EXPECT_GT(last_views.size(), 40U) << "of " << space->choices();
  options.limit = space->size();
  EXPECT_EQ(sample_of(options, *space).count, space->size());
  options.offset = 5;
  EXPECT_EQ(sample_of(options, *space).first, 5U);
  EXPECT_EQ(sample_of(options, *space).count, space->size() - 5);
}

}  // namespace
}  // namespace waggle::sim
