// Runs of experiments: in order, once each, and going on where they were.
#include "sim/experiment/runner.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sim/experiment/cache.hpp"
#include "sim/experiment/page.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::sim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Runner : ::testing::Test {
  Runner() {
    options.cache = (folder / "cache.jsonl").string();
    options.jobs = 3;
  }

  static std::vector<Cell> squares(std::uint64_t count) {
    std::vector<Cell> cells;
    for (std::uint64_t i = 0; i < count; ++i) {
      cells.push_back({{{"i", i}}, [i] { return json{{"square", i * i}}; }, ""});
    }
    return cells;
  }
  auto run(const std::vector<Cell>& cells) {
    return run_cells(experiment, cells, options,
                     [this](const Progress& progress) { last = progress; });
  }

  const TempFolder folder;
  Experiment experiment{.name = "squares"};
  RunnerOptions options;
  Progress last;
};

TEST_F(Runner, GivesResultsInTheOrderOfTheCells) {
  const auto results = run(squares(10));
  ASSERT_TRUE(results);
  for (std::uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ((*results)[i].parameters, json({{"i", i}}));
    EXPECT_EQ((*results)[i].measured, json({{"square", i * i}}));
  }
  EXPECT_EQ(last.done, 10U);
}

TEST_F(Runner, GoesOnWhereItWas) {
  ASSERT_TRUE(run(squares(4)));
  {
    std::ofstream broken(options.cache, std::ios::app);
    broken << "{\"version\":\"x";  // broken off
  }
  const auto results = run(squares(6));
  ASSERT_TRUE(results);
  EXPECT_EQ(last.cached, 4U);
  EXPECT_EQ((*results)[5].measured.at("square"), 25);
}

TEST_F(Runner, StartsNothingAfterTheDeadline) {
  ASSERT_TRUE(run(squares(2)));
  options.deadline = std::chrono::steady_clock::now();
  EXPECT_FALSE(run(squares(3)));
  EXPECT_EQ(last.done, 2U);
  EXPECT_TRUE(run(squares(2))) << "everything is known";
}

TEST_F(Runner, SaysWhichRunFailedAndWhy) {
  std::vector<Cell> cells = squares(2);
  cells.push_back(
      {{{"i", "bad"}}, []() -> json { throw std::runtime_error("agreement: no"); }, ""});
  try {
    run(cells);
    FAIL();
  } catch (const CellFailed& failed) {
    EXPECT_NE(std::string(failed.what()).find("bad"), std::string::npos);
    EXPECT_NE(std::string(failed.what()).find("agreement: no"), std::string::npos);
  }
}

TEST_F(Runner, PassesOverResultsOfAnotherVersion) {
  std::ofstream(options.cache) << json{{"version", "old"},
                                       {"parameters", {{"i", 2}}},
                                       {"inputs", "x"},
                                       {"measured", {{"square", 5}}}}
                                      .dump()
                               << "\n";
  const auto results = run(squares(3));
  ASSERT_TRUE(results);
  EXPECT_EQ((*results)[2].measured.at("square"), 4);
  EXPECT_EQ(last.cached, 0U);
}

TEST(Page, HasQuestionFigureClaimsTablesAndLimits) {
  const Experiment experiment{.name = "some",
                              .title = "Some title",
                              .question = "What?",
                              .setup = "So.",
                              .reading = "Thus.",
                              .limits = "Few."};
  Findings findings;
  findings.data = Table({"a_ms"});
  findings.tables.push_back(Table({"a"}, "A table"));
  findings.figures = {{"", "One", "<svg/>"}, {"more", "Two", "<svg/>"}};
  findings.claims = {{"It holds.", "1", true}, {"It does not.", "2", false}};
  const std::vector<File> files = files_of(experiment, findings, {});
  ASSERT_EQ(files.size(), 4U);
  EXPECT_EQ(files[0].name, "some.csv");
  EXPECT_EQ(files[1].name, "some.svg");
  EXPECT_EQ(files[2].name, "some-more.svg");
  EXPECT_EQ(files[3].name, "some.md");
  for (const char* part :
       {"# Some title", "What?", "waggle-sim experiment some", "![Two](some-more.svg)",
        "| It holds. | 1 | yes |", "**no**", "A table", "Few."}) {
    EXPECT_NE(files[3].text.find(part), std::string::npos) << part;
  }
  EXPECT_NE(index_of({&experiment}).text.find("[Some title](some.md)"), std::string::npos);
}

}  // namespace
}  // namespace waggle::sim
