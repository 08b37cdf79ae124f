// The library of scenarios: each runs twice, alike, and ends as its author expects.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/run.hpp"

namespace waggle::sim {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(WAGGLE_SOURCE_DIR "/sim/scenarios")) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Scenarios : public ::testing::TestWithParam<std::string> {};

TEST_P(Scenarios, EndAsExpectedAndTheSameTwice) {
  const auto scenario = load_scenario(GetParam(), {});
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  const RunReport report = run_scenario(*scenario, nullptr);
  std::string found;
  for (const Violation& one : report.violations) found += one.property + ": " + one.detail + "\n";
  EXPECT_TRUE(as_expected(*scenario, report)) << to_string(report.verdict) << '\n' << found;
  EXPECT_EQ(report.unknown_keys, 0U);
  EXPECT_EQ(run_scenario(*scenario, nullptr).digest, report.digest);
}

INSTANTIATE_TEST_SUITE_P(Library, Scenarios, ::testing::ValuesIn(scenario_files()),
                         [](const auto& file) { return fs::path(file.param).stem().string(); });

TEST(Strategies, EachIsInAScenario) {
  std::set<std::string_view> used;
  for (const std::string& file : scenario_files()) {
    const auto scenario = load_scenario(file, {});
    ASSERT_TRUE(scenario) << scenario.error().to_string();
    for (const AdversarySpec& spec : scenario->adversaries) used.insert(spec.kind->name);
  }
  for (const AdversaryKind& kind : adversary_kinds()) {
    if (kind.has_plan) continue;  // the scripts of planted bugs have plans
    EXPECT_TRUE(used.contains(kind.name)) << kind.name;
  }
}

/// The table of docs/simulator.md has a row for each, with all its parameters and their defaults.
TEST(Strategies, EachIsDocumented) {
  std::ifstream file(WAGGLE_SOURCE_DIR "/docs/simulator.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::size_t table = text.str().find("\n| strategy |");
  ASSERT_NE(table, std::string::npos);
  for (const AdversaryKind& kind : adversary_kinds()) {
    const std::string begin = "\n| `" + std::string(kind.name) + "` |";
    const std::size_t at = text.str().find(begin, table);
    ASSERT_NE(at, std::string::npos) << kind.name;
    const std::string row = text.str().substr(at + 1, text.str().find('\n', at + 1) - at - 1);
    for (const ParameterKind& one : kind.parameters) {
      EXPECT_NE(row.find("`" + std::string(one.name) + "`"), std::string::npos)
          << one.name << " in: " << row;
    }
  }
}

}  // namespace
}  // namespace waggle::sim
