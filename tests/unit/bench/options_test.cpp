#include "smr/bin/waggle_bench/options.hpp"

#include <gtest/gtest.h>

#include "smr/bin/waggle/cli.hpp"

namespace waggle::bench {
namespace {

std::optional<Options> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "waggle-bench");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return parse_options(static_cast<int>(words.size()), arguments.data());
}

std::string refusal(const std::vector<std::string>& words) {
  try {
    parse(words);
  } catch (const cli::Failure& failure) {
    EXPECT_EQ(failure.code(), cli::kBadInput);
    return failure.what();
  }
  return "";
}

TEST(Options, TakeWhatIsGivenAndLeaveTheRest) {
  const auto options = parse({"--clients", "3", "--rate", "5000", "--duration", "1.5", "--json"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->clients, 3U);
  EXPECT_EQ(options->rate, 5000U);
  EXPECT_EQ(options->duration_seconds, 1.5);
  EXPECT_TRUE(options->json);
  EXPECT_EQ(options->replicas, 4U);
  EXPECT_EQ(options->batch, 64U);
  EXPECT_EQ(options->protocol, "pbeegees");
  EXPECT_EQ(parse({"--protocol", "median"})->protocol, "median");
  EXPECT_EQ(parse({})->rate, std::nullopt);
}

TEST(Options, RefuseInOneLineThatNamesTheOption) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"--batch", "65"},    {"--batch", "0"},    {"--clients", "0"},     {"--in-flight", "0"},
      {"--rate", "0"},      {"--duration", "0"}, {"--replicas", "0"},    {"--replicas", "101"},
      {"--warmup", "soon"}, {"--timeout", "0"},  {"--protocol", "raft"},
  };
  for (const auto& [option, value] : bad) {
    const std::string line = refusal({option, value});
    EXPECT_NE(line.find(option), std::string::npos) << option << ": " << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
  EXPECT_NE(refusal({"--in-flght", "3"}), "");
  EXPECT_NE(refusal({"--cluster", "a", "--folder", "b"}).find("--cluster"), std::string::npos);
  EXPECT_NE(refusal({"--cluster", "a", "--protocol", "median"}).find("--cluster"),
            std::string::npos);
}

}  // namespace
}  // namespace waggle::bench
