// Every file of the corpus, through its target: what fuzzing once found stays found, with every
// compiler and sanitizer.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/fuzz/targets.hpp"

namespace waggle::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = WAGGLE_SOURCE_DIR "/tests/fuzz/corpus";

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, IsDigested) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kCorpus / GetParam().name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
    SCOPED_TRACE(entry.path().string());  // also what a core dump is about
    std::cout << entry.path().filename().string() << std::endl;
    GetParam().run(bytes);
    ++files;
  }
  EXPECT_GT(files, 0u) << "make seeds: fuzz_seeds";
}

INSTANTIATE_TEST_SUITE_P(Of, Corpus, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(Corpus, IsSmallAndOfKnownTargets) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kCorpus)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::any_of(targets().begin(), targets().end(), [&](const Target& target) {
      return target.name == name;
    })) << name;
  }
  EXPECT_LT(bytes, 400u << 10) << "everybody clones it";
}

TEST(Corpus, AnyTargetTakesNothingAndZeros) {
  for (const Target& target : targets()) {
    target.run({});
    target.run(Bytes(1));
    target.run(Bytes(300));
  }
}

}  // namespace
}  // namespace waggle::fuzz
