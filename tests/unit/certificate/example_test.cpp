// The C program of examples/, which a stranger would start from.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/certificate/scenes.hpp"

namespace waggle::testing {
namespace {

int run_example(const Bytes& proof, const std::string& genesis) {
  const TempFolder folder;
  std::ofstream(folder / "proof", std::ios::binary) << as_text(proof);
  std::ofstream(folder / "genesis.toml", std::ios::binary) << genesis;
  const std::string command = std::string(WAGGLE_EXAMPLE_VERIFY) + " " +
                              (folder / "proof").string() + " " +
                              (folder / "genesis.toml").string() + " >/dev/null";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(VerifyExample, JudgesAsTheLibraryDoes) {
  const std::string genesis = scenes_genesis();
  const Bytes good = valid_scenes().front().proof;
  EXPECT_EQ(run_example(good, genesis), 0);
  EXPECT_EQ(run_example(good, genesis + " "), 1) << "another chain";
  EXPECT_EQ(run_example({}, genesis), 2);
  EXPECT_EQ(run_example(good, ""), 2);
}

}  // namespace
}  // namespace waggle::testing
