// The command line of waggle-sim, where it runs many scenarios: answers and exit codes.
#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

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

}  // namespace
}  // namespace waggle::sim
