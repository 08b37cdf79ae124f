// One identity at two addresses, under partitions that follow the views.
#include "sim/explore/twins.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "sim/explore/shrink.hpp"
#include "sim/scenario/write.hpp"
#include "sim/world/cores.hpp"

namespace waggle::sim {
namespace {

TwinsOptions options_of(std::uint64_t limit, std::uint32_t n = 4) {
  TwinsOptions options;
  options.space = {n, (n - 1) / 3, n == 4 ? 4U : 3U, 2};
  options.limit = limit;
  options.jobs = 2;
  return options;
}

Exploration run_some(const TwinsOptions& options) {
  const auto space = TwinSpace::make(options.space);
  EXPECT_TRUE(space);
  return run_twins(options, *space, nullptr);
}

void expect_clean(const Exploration& found) {
  EXPECT_GT(found.runs, 10U);
  EXPECT_GT(found.committed, found.runs);
  for (const Trial& failure : found.failures) {
    ADD_FAILURE() << "number " << failure.seed << ": " << failure.property << ": "
                  << failure.detail;
  }
}

TEST(Twins, SchedulesHold) {
  expect_clean(run_some(options_of(120)));
  expect_clean(run_some(options_of(24, 7)));
}

TEST(Twins, TheRivalsAreSafe) {
  for (const std::string_view core : core_names()) {
    TwinsOptions options = options_of(24);
    options.core = core;
    for (const Trial& failure : run_some(options).failures) {
      EXPECT_NE(failure.verdict, Verdict::kViolation)
          << core << " number " << failure.seed << ": " << failure.detail;
    }
  }
}

TEST(Twins, ARemovedGuardIsFoundWrittenDownAndRepeated) {
  TwinsOptions options = options_of(400);
  options.without = {"vote_after_timeout"};
  options.stop_at_failure = true;
  const Exploration found = run_some(options);
  ASSERT_FALSE(found.failures.empty());
  const Trial& failure = found.failures.front();
  const Scenario scenario =
      twins_scenario(options, TwinSpace::make(options.space)->at(failure.seed), failure.seed);
  const auto again = parse_scenario(write_scenario(scenario, ""), "twins.toml", {});
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(run_apart(*again).digest, failure.digest);
  const Shrunk small = shrink(*again, {.tries_max = 30}, nullptr);
  EXPECT_EQ(small.trial.property, failure.property);
  EXPECT_LT(small.trial.events, failure.events);
}

Scenario some_scenario(std::uint64_t number) {
  TwinsOptions options;
  const auto space = TwinSpace::make(options.space);
  return twins_scenario(options, space->at(number % space->size()), number);
}

TEST(Twins, AWrittenScheduleIsReadBackAsItWas) {
  for (std::uint64_t number = 17; number < 1'000'000; number = number * 5 + 3) {
    const Scenario scenario = some_scenario(number);
    const std::string text = write_scenario(scenario, "a schedule");
    const auto again = parse_scenario(text, "twins.toml", {});
    ASSERT_TRUE(again) << again.error().to_string() << "\n" << text;
    EXPECT_EQ(write_scenario(*again, "a schedule"), text);
    EXPECT_EQ(run_apart(*again).digest, run_apart(scenario).digest) << text;
  }
}

constexpr std::string_view kApart = R"toml(
[world]
n = 4
twins = [0]
leaders = [0, 1, 2, 3]
duration = "2s"
[[fault]]
for = "1s"
kind = "drop"
views = [1, 1]
between = [[0, 1, 2], [3, 4]]
hold = "300ms"
[workload]
clients = 2
commands = 20
)toml";

/// What was proposed in view 1 by whom, and who heard of it.
class FirstView final : public EventSink {
 public:
  void write(Duration at, const Event& event) override {
    if (event.view == View{1} && event.kind == EventKind::kPropose) {
      proposed[event.replica] = *event.block;
    }
    if (event.kind == EventKind::kSend && event.view == View{1}) {
      if (event.name == "proposal") proposals.insert(event.number);
      if (event.replica != Event::kNobody) sent.emplace(event.replica, event.peer);
    }
    const bool proposal = proposals.contains(event.number);
    if (event.kind == EventKind::kDeliver && proposal) heard.emplace(event.peer, event.replica);
    late_drop = late_drop || (event.kind == EventKind::kDrop && proposal && at > kHoldMax);
  }
  static constexpr Duration kHoldMax = std::chrono::milliseconds(400);
  bool late_drop = false;
  std::map<std::uint32_t, Digest> proposed;
  std::set<std::uint64_t> proposals;
  std::set<std::pair<std::uint32_t, std::uint32_t>> sent;
  std::set<std::pair<std::uint32_t, std::uint32_t>> heard;
};

TEST(Twins, BothAreHeardByTheirOwnGroupOnlyAndByNoOtherTwin) {
  const auto scenario = parse_scenario(kApart, "apart.toml", {});
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  FirstView sink;
  EXPECT_EQ(run_scenario(*scenario, &sink).verdict, Verdict::kOk);
  ASSERT_EQ(sink.proposed.size(), 2U) << "the leader of view 1 is at 0 and at 4";
  EXPECT_NE(sink.proposed.at(0), sink.proposed.at(4));
  using Pairs = std::set<std::pair<std::uint32_t, std::uint32_t>>;
  EXPECT_EQ(sink.heard, (Pairs{{0, 1}, {0, 2}, {4, 3}}));
  EXPECT_FALSE(sink.late_drop);
  EXPECT_FALSE(sink.sent.contains({0, 4}));
  EXPECT_FALSE(sink.sent.contains({4, 0}));
  EXPECT_TRUE(sink.sent.contains({0, 3})) << "what is sent to all goes out, and is dropped";
  EXPECT_TRUE(sink.sent.contains({1, 4})) << "and to both of a twin's addresses";
}

TEST(Twins, BadScenariosAreRefused) {
  const auto refused = [](std::string_view text, const std::string& word) {
    const auto scenario = parse_scenario(text, "a.toml", {});
    ASSERT_FALSE(scenario) << text;
    EXPECT_NE(scenario.error().to_string().find(word), std::string::npos)
        << scenario.error().to_string();
  };
  refused("[world]\ntwins = [4]\n", "twins");
  refused("[world]\ntwins = [1, 1]\n", "one twin");
  refused("[[fault]]\nkind = \"drop\"\nbetween = [[0, 4]]\n", "between");
  refused("[[fault]]\nkind = \"drop\"\nbetwen = [[0, 1]]\n", "between");
}

}  // namespace
}  // namespace waggle::sim
