// A trace stands alone: the run that it is of can be gone through again and compared.
#include "sim/replay/replay.hpp"

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/explore/draw.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

namespace fs = std::filesystem;

std::string trace_of(const Scenario& scenario) {
  std::ostringstream out;
  JsonLines lines(out, header_of(scenario));
  const RunReport report = run_scenario(scenario, &lines);
  lines.finish(end_of(report, "waggle-sim run it"));
  return out.str();
}

struct Replayed {
  std::string error;
  std::optional<Difference> difference;
  std::uint64_t equal = 0;
  bool broken_off = false;
  RunReport report;
};

Replayed replay(const std::string& text) {
  std::istringstream in(text);
  auto trace = TraceReader::open(in, "a.jsonl");
  if (!trace) return {.error = trace.error().to_string()};
  const auto scenario = scenario_of(*trace);
  if (!scenario) return {.error = scenario.error().to_string()};
  Comparison comparison(*trace);
  const RunReport report = run_scenario(*scenario, &comparison);
  comparison.finish(report);
  return {comparison.error() ? comparison.error()->to_string() : "", comparison.difference(),
          comparison.equal(), comparison.broken_off(), report};
}

void expect_same(const Scenario& scenario) {
  const std::string text = trace_of(scenario);
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  const Replayed again = replay(text);
  EXPECT_EQ(again.error, "");
  EXPECT_FALSE(again.broken_off);
  EXPECT_EQ(again.equal, lines - 2);
  if (again.difference) {
    ADD_FAILURE() << "line " << again.difference->line << "\n"
                  << again.difference->expected << "\n"
                  << again.difference->got;
  }
}

Scenario small() {
  auto scenario = parse_scenario("[workload]\ncommands = 12\n", "small.toml", {});
  return std::move(*scenario);
}

/// The trace of small() with a part of one line replaced.
std::string edited(std::string_view what, std::string_view by) {
  std::string text = trace_of(small());
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(Replay, EveryScenarioOfTheLibraryGoesTheSameWay) {
  for (const auto& entry : fs::directory_iterator(WAGGLE_SOURCE_DIR "/sim/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    SCOPED_TRACE(entry.path());
    const auto scenario = load_scenario(entry.path(), {});
    ASSERT_TRUE(scenario) << scenario.error().to_string();
    expect_same(*scenario);
  }
}

TEST(Replay, SoDoDrawnScenariosWithPlantedBugsAndViolations) {
  std::size_t violated = 0;
  for (const char* bug : {"vote_after_timeout", "tip_stays", "votes_not_persisted"}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE(std::string(bug) + ", seed " + std::to_string(seed));
      const Scenario scenario = draw_scenario({.without = {bug}}, seed);
      expect_same(scenario);
      violated += run_scenario(scenario, nullptr).verdict == Verdict::kViolation ? 1 : 0;
    }
  }
  EXPECT_GT(violated, 0U);
}

TEST(Replay, AnEventThatWasChangedIsFound) {
  const Replayed other = replay(edited(R"("k":"commit","r":0,)", R"("k":"commit","r":1,)"));
  ASSERT_TRUE(other.difference) << other.error;
  EXPECT_NE(other.difference->expected.find(R"("k":"commit","r":1,)"), std::string::npos);
  EXPECT_NE(other.difference->got.find(R"("k":"commit","r":0,)"), std::string::npos);
  EXPECT_EQ(other.difference->line, other.equal + 2) << "after the header and the equal events";
}

TEST(Replay, AnEventThatIsMissingOrTooManyIsFound) {
  const std::string text = trace_of(small());
  const std::size_t line = text.find('\n', text.size() / 2) + 1;
  const std::size_t next = text.find('\n', line) + 1;
  const auto lines = static_cast<std::uint64_t>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line), '\n'));
  const Replayed missing = replay(text.substr(0, line) + text.substr(next));
  ASSERT_TRUE(missing.difference);
  EXPECT_EQ(missing.difference->line, lines + 1);
  const Replayed twice = replay(text.substr(0, next) + text.substr(line));
  ASSERT_TRUE(twice.difference);
  EXPECT_EQ(twice.difference->line, lines + 2);
  const std::size_t end = text.rfind("{\"end\"");
  const std::string more = text.substr(0, end) + "{\"t\":999999999,\"k\":\"gst\"}\n";
  const Replayed behind = replay(more);
  ASSERT_TRUE(behind.difference);
  EXPECT_EQ(behind.difference->got, "") << "the run was over";
}

TEST(Replay, AnotherVerdictIsFound) {
  const Replayed other = replay(edited(R"("verdict":"ok")", R"("verdict":"stalled")"));
  ASSERT_TRUE(other.difference);
  EXPECT_NE(other.difference->got.find(R"("verdict":"ok")"), std::string::npos);
  EXPECT_FALSE(replay(edited("waggle-sim run it", "another command")).difference);
}

TEST(Replay, ALineThatIsOnlyWrittenAnotherWayIsEqual) {
  const Replayed same = replay(edited(R"("k":"commit","r":0,)", R"( "r": 0, "k": "commit", )"));
  EXPECT_EQ(same.error, "");
  EXPECT_FALSE(same.difference);
}

TEST(Replay, ATraceThatIsBrokenOffIsComparedAsFarAsItGoes) {
  const std::string text = trace_of(small());
  const Replayed half = replay(text.substr(0, text.size() / 2));
  EXPECT_EQ(half.error, "");
  EXPECT_FALSE(half.difference);
  EXPECT_TRUE(half.broken_off);
  const auto lines =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.size() / 2), '\n');
  EXPECT_EQ(half.equal, static_cast<std::uint64_t>(lines) - 1);
  EXPECT_EQ(half.report.verdict, Verdict::kOk);
}

TEST(Replay, WhatIsWrongWithTheTraceIsTold) {
  EXPECT_EQ(replay(edited(R"("k":"commit")", R"("k":"comit")")).error.substr(0, 8), "a.jsonl:");
  EXPECT_EQ(
      replay(edited("commands = 12", "comands = 12")).error,
      "a.jsonl:1: toml: its scenario:11: workload.comands: unknown key; did you mean commands?");
  EXPECT_EQ(replay(edited("\"seed\":1,", "\"seed\":2,")).error,
            "a.jsonl:1: toml: is not the scenario that the rest of the line is of");
}

}  // namespace
}  // namespace waggle::sim
