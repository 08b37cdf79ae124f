#include "smr/bin/waggle_bench/shape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace waggle::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Schedule, SpacesCommandsEvenly) {
  const Schedule schedule(1000);
  EXPECT_EQ(schedule.due(0), nanoseconds(0));
  EXPECT_EQ(schedule.due(1), milliseconds(1));
  EXPECT_EQ(schedule.due(3'600'000), seconds(3600));
  EXPECT_EQ(schedule.due_by(nanoseconds(-1)), 0U);
  EXPECT_EQ(schedule.due_by(nanoseconds(0)), 1U);
  EXPECT_EQ(schedule.due_by(nanoseconds(999'999)), 1U);
  EXPECT_EQ(schedule.due_by(milliseconds(1)), 2U);
}

/// A command is due when its moment has come and not a nanosecond before, at any rate and time.
RC_GTEST_PROP(Schedule, CountsACommandFromItsMomentOn, ()) {
  const auto rate = *rc::gen::inRange<std::uint64_t>(1, 10'000'001);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, rate * 86'400);
  const Schedule schedule(rate);
  const nanoseconds due = schedule.due(index);
  RC_ASSERT(schedule.due_by(due) == index + 1);
  RC_ASSERT(schedule.due_by(due - nanoseconds(1)) <= index);
}

TEST(Divide, PutsTheRestIntoTheLastGroup) {
  using Sessions = std::vector<Session>;
  EXPECT_EQ(divide(1, 64), (Sessions{{{1}}}));
  EXPECT_EQ(divide(100, 64), (Sessions{{{64, 36}}}));
  EXPECT_EQ(divide(129, 64), (Sessions{{{64, 1}}, {{64}}}));
  EXPECT_EQ(divide(3, 1, 2), (Sessions{{{1, 1}}, {{1}}}));
}

RC_GTEST_PROP(Divide, HoldsAllCommandsInFewSessionsOfBoundedSize, ()) {
  const auto in_flight = *rc::gen::inRange<std::uint32_t>(1, 20'000);
  const auto batch = *rc::gen::inRange<std::uint32_t>(1, 65);
  const auto session_max = *rc::gen::element(kSessionCommandsMax, kSessionLanesMax);
  std::uint32_t commands = 0;
  std::size_t groups_least = in_flight;
  std::size_t groups_most = 0;
  for (const Session& session : divide(in_flight, batch, session_max)) {
    commands += session.commands();
    groups_least = std::min(groups_least, session.groups.size());
    groups_most = std::max(groups_most, session.groups.size());
    RC_ASSERT(session.commands() <= session_max);
    for (const std::uint32_t size : session.groups) RC_ASSERT(size >= 1 && size <= batch);
  }
  RC_ASSERT(commands == in_flight);
  RC_ASSERT(groups_least >= 1 && groups_most <= groups_least + 1);
}

}  // namespace
}  // namespace waggle::bench
