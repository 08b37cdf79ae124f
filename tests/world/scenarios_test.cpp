// The library of scenarios: each runs twice, alike, and ends as its author expects.
#include <algorithm>
#include <filesystem>
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

}  // namespace
}  // namespace waggle::sim
