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

TEST(Options, OfTrials) {
  const auto options = parse({"--sweep", "10,100,1", "--block-bytes", "65536"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->sweep, (std::vector<std::uint32_t>{1, 10, 100})) << "in order";
  EXPECT_EQ(options->block_bytes, 65536U);
  EXPECT_FALSE(options->read_back);
  EXPECT_TRUE(parse({"--kill", "all"})->read_back) << "what is killed is read back";
  EXPECT_EQ(parse({"--idle", "60"})->idle_seconds, 60.0);
  EXPECT_NE(refusal({"--kill", "one"}).find("--kill"), std::string::npos);
  EXPECT_NE(refusal({"--kill", "all", "--cluster", "a"}).find("--kill"), std::string::npos);
  EXPECT_NE(refusal({"--kill", "all", "--sweep", "1"}).find("--kill"), std::string::npos);
  EXPECT_NE(refusal({"--sweep", "1", "--in-flight", "2"}).find("--sweep"), std::string::npos);
  EXPECT_NE(refusal({"--sweep", "0"}).find("--sweep"), std::string::npos);
  EXPECT_NE(refusal({"--block-bytes", "100"}).find("--block-bytes"), std::string::npos);
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
