// The command line of waggle-sim, where it runs many scenarios: answers and exit codes.
#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "tests/support/temp_folder.hpp"

namespace waggle::sim {
namespace {

struct Answer {
  int code = -1;
  std::string text;  ///< Standard output and error.
};

Answer waggle_sim(const std::string& arguments) {
  const std::string command =
      std::string(WAGGLE_BIN_DIR) + "/waggle-sim " + arguments + " 2>&1 </dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  Answer answer;
  if (pipe == nullptr) return answer;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 1; got > 0;) {
    got = fread(buffer.data(), 1, buffer.size(), pipe);
    answer.text.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) answer.code = WEXITSTATUS(status);
  return answer;
}

void expect_refused(const std::string& arguments, const std::string& word) {
  const Answer answer = waggle_sim(arguments);
  EXPECT_EQ(answer.code, 2) << arguments << ": " << answer.text;
  EXPECT_NE(answer.text.find(word), std::string::npos) << arguments << ": " << answer.text;
}

TEST(Cli, TwinsSaysHowManySchedulesThereAreAndWereRun) {
  const Answer answer = waggle_sim("twins --views 2 --limit 12 --jobs 2 --json");
  EXPECT_EQ(answer.code, 0) << answer.text;
  const auto out = nlohmann::json::parse(answer.text, nullptr, false);
  ASSERT_FALSE(out.is_discarded()) << answer.text;
  EXPECT_GT(out.at("schedules"), 300);
  EXPECT_LE(out.at("runs"), 12);
  EXPECT_GE(out.at("runs"), 8);
  EXPECT_EQ(out.at("views"), 2);
  EXPECT_TRUE(out.at("failures").empty());
}

TEST(Cli, TwinsRefusesWhatItCannotDo) {
  expect_refused("twins --twins 2", "at most 1");
  expect_refused("twins --n 3", "n");
  expect_refused("twins --views 14", "too many schedules");
  expect_refused("twins --views 1 --offset 100000", "--offset");
  expect_refused("twins --limit 0", "limit");
  expect_refused("twins --core pbegees", "pbeegees");
  expect_refused("twins --without two_vote", "two_votes");
  expect_refused("twins --patitions 2", "patitions");
}

TEST(Cli, RoundsGivesATableAndAVerdict) {
  const Answer answer = waggle_sim(
      "rounds --rule sealed --n 4 --t 8 --b 12 --rounds 60 --every 30 --block fresh:25% --json");
  EXPECT_EQ(answer.code, 0) << answer.text;
  const auto out = nlohmann::json::parse(answer.text, nullptr, false);
  ASSERT_FALSE(out.is_discarded()) << answer.text;
  EXPECT_EQ(out.at("verdict"), "holds");
  ASSERT_EQ(out.at("rows").size(), 2u);
  EXPECT_EQ(out.at("rows")[1].at("round"), 60);
  EXPECT_EQ(out.at("rows")[1].at("blocked"), 1);
  EXPECT_GT(out.at("rows")[1].at("told"), 50);
  EXPECT_EQ(waggle_sim("rounds --rule compact --n 200 --t 2 --rounds 40").code, 1);  // parts
  const Answer values = waggle_sim("rounds --rule median --n 200 --rounds 40");
  EXPECT_EQ(values.code, 0);
  EXPECT_NE(values.text.find("agreed_since_round"), std::string::npos) << values.text;
}

/// What is found is written down, found once more from there, and made smaller.
TEST(Cli, ExploresRoundsAndSavesWhatFails) {
  const TempFolder folder;
  const Answer answer = waggle_sim(
      "explore --core median --n 4 --seeds 1..60 --without no_lock --stop-at-failure --json "
      "--save " +
      folder.path().string());
  EXPECT_EQ(answer.code, 1) << answer.text;
  const auto out = nlohmann::json::parse(answer.text, nullptr, false);
  ASSERT_FALSE(out.is_discarded()) << answer.text;
  ASSERT_FALSE(out.at("failures").empty());
  const auto& failure = out.at("failures").at(0);
  std::ifstream script(failure.at("script").get<std::string>());
  std::string line;
  for (std::string next; std::getline(script, next);) line = next;
  EXPECT_EQ(line, failure.at("reproduce"));
  const std::string arguments = line.substr(line.find(' ') + 1);
  const Answer again = waggle_sim(arguments);
  EXPECT_EQ(again.code, 1) << again.text;
  EXPECT_NE(again.text.find(failure.at("detail")), std::string::npos) << again.text;
  const Answer small = waggle_sim(arguments + " --shrink --tries 60 --json");
  EXPECT_EQ(small.code, 0) << small.text;
  const auto shrunk = nlohmann::json::parse(small.text, nullptr, false);
  ASSERT_FALSE(shrunk.is_discarded()) << small.text;
  EXPECT_EQ(shrunk.at("property"), failure.at("property"));
}

TEST(Cli, ExploresRoundsThatHold) {
  const Answer answer = waggle_sim("explore --core median --n 5 --seeds 1..4 --jobs 2 --json");
  EXPECT_EQ(answer.code, 0) << answer.text;
  const auto out = nlohmann::json::parse(answer.text, nullptr, false);
  ASSERT_FALSE(out.is_discarded()) << answer.text;
  EXPECT_EQ(out.at("runs"), 4);
  EXPECT_EQ(out.at("acknowledged"), out.at("submitted"));
  EXPECT_GT(out.at("certificates"), 100);
}

TEST(Cli, RoundsRefusesWhatItCannotDo) {
  expect_refused("explore --core median --without no_lok", "no_lock");
  expect_refused("explore --core pbeegees --n 257", "256");
  expect_refused("rounds --rule sealed --without no_lok", "no_lock");
  expect_refused("rounds --rule sealed --n 4 --rounds 20 --shrink", "nothing to shrink");
  expect_refused("rounds --l 4", "l must be odd");
  expect_refused("rounds --k 2", "k must be at least l");
  expect_refused("rounds --t 0", "T must be at least 1");
  expect_refused("rounds --b 0", "B must be at least 1");
  expect_refused("rounds --sigma 0", "sigma must be above 0");
  expect_refused("rounds --sigma 1/x", "--sigma");
  expect_refused("rounds --block fresk:1%", "fresk");
  expect_refused("rounds --block fresh:10", "SHARE");
  expect_refused("rounds --rule mediam", "mediam");
}

}  // namespace
}  // namespace waggle::sim
