// Places where a rare legal path is taken often: each strikes, and all properties hold.
#include <algorithm>

#include <gtest/gtest.h>

#include "sim/explore/draw.hpp"
#include "sim/explore/trial.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

TEST(Buggify, EveryPlaceStrikesAndAllHolds) {
  Strikes sum{};
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    Scenario scenario = draw_scenario({.n = seed % 3 == 0 ? 7U : 4U}, seed);
    scenario.world.buggify.until = scenario.duration - std::chrono::seconds(1);
    for (const PlaceInfo& info : places()) {
      scenario.world.buggify.chances[info.place] = permille(seed % 2 == 0 ? 30 : 200);
    }
    const Trial trial = run_apart(scenario);
    EXPECT_EQ(trial.verdict, Verdict::kOk)
        << "seed " << seed << ": " << trial.property << ": " << trial.detail << "\n"
        << write_scenario(scenario, "");
    for (std::size_t place = 0; place < kPlaceCount; ++place) sum[place] += trial.strikes[place];
  }
  for (const PlaceInfo& info : places()) {
    EXPECT_GT(sum[static_cast<std::size_t>(info.place)], 0U) << info.name;
  }
}

TEST(Buggify, IsOffUnlessAsked) {
  Scenario scenario = draw_scenario({.n = 4}, 1);
  scenario.world.buggify = {};
  EXPECT_EQ(run_apart(scenario).strikes, Strikes{});
}

TEST(Buggify, EndsAtItsTime) {
  constexpr std::string_view kText = R"toml(
[world]
duration = "2s"
[workload]
commands = 0
[buggify]
until = "1s"
vote_twice = "20%"
)toml";
  const auto scenario = parse_scenario(kText, "a.toml", {});
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  class Last final : public EventSink {
   public:
    void write(Duration at, const Event& event) override {
      if (event.kind == EventKind::kStrike) last = at;
    }
    Duration last{0};
  } sink;
  EXPECT_EQ(run_scenario(*scenario, &sink).verdict, Verdict::kOk);
  EXPECT_GT(sink.last, std::chrono::milliseconds(800));
  EXPECT_LT(sink.last, std::chrono::seconds(1));
}

TEST(Buggify, AnUnknownPlaceIsRefusedWithTheNearest) {
  const auto scenario = parse_scenario("[buggify]\nvote_twic = \"5%\"\n", "a.toml", {});
  ASSERT_FALSE(scenario);
  EXPECT_NE(scenario.error().to_string().find("vote_twice"), std::string::npos);
}

TEST(Buggify, PlacesAreListedInOrderUnderNamesOfTheirOwn) {
  std::vector<std::string_view> names;
  for (const PlaceInfo& info : places()) {
    EXPECT_EQ(static_cast<std::size_t>(info.place), names.size());
    EXPECT_FALSE(info.what.empty());
    names.push_back(info.name);
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace waggle::sim
