// Quick experiments: two of them are equal, and show what the documents say.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "sim/experiment/page.hpp"
#include "sim/experiment/runner.hpp"

namespace waggle::sim {
namespace {

constexpr Scale kQuick{.quick = true};

std::vector<CellResult> run(const Experiment& experiment) {
  const auto results =
      run_cells(experiment, experiment.cells(kQuick), {.jobs = 2}, [](const Progress&) {});
  return results.value();
}

class Experiments : public ::testing::TestWithParam<const Experiment*> {};

TEST_P(Experiments, ShowWhatIsExpected) {
  const Experiment& experiment = *GetParam();
  const Findings findings = experiment.evaluate(run(experiment), kQuick);
  EXPECT_FALSE(findings.claims.empty());
  for (const Claim& claim : findings.claims) {
    EXPECT_TRUE(claim.holds) << claim.expected << "\nfound: " << claim.found;
  }
  EXPECT_FALSE(findings.data.rows().empty());
  EXPECT_FALSE(findings.figures.empty());
}

/// Hunting planted bugs takes minutes; planted_test.cpp shows each of them by its script.
std::vector<const Experiment*> quick_ones() {
  std::vector<const Experiment*> found;
  for (const Experiment* one : experiments()) {
    if (one->name != "planted-bugs") found.push_back(one);
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(Quick, Experiments, ::testing::ValuesIn(quick_ones()),
                         [](const auto& one) {
                           std::string name(one.param->name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Experiment, MakesEqualFilesTwice) {
  const Experiment& experiment = *find_experiment("honest-leaders");
  const auto first = files_of(experiment, experiment.evaluate(run(experiment), kQuick), kQuick);
  const auto second = files_of(experiment, experiment.evaluate(run(experiment), kQuick), kQuick);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].name, second[i].name);
    EXPECT_EQ(first[i].text, second[i].text);
  }
}

TEST(Experiment, EveryCellHasParametersOfItsOwn) {
  for (const Experiment* experiment : experiments()) {
    for (const Scale scale : {Scale{true}, Scale{false}}) {
      std::set<std::string> seen;
      for (const Cell& cell : experiment->cells(scale)) {
        EXPECT_TRUE(seen.insert(cell.parameters.dump()).second) << cell.parameters;
      }
    }
  }
}

}  // namespace
}  // namespace waggle::sim
