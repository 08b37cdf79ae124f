// kill -9 in the middle of writing: whatever was acknowledged is there afterwards.

#include <cstdio>
#include <cstdlib>
#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/keys.hpp"
#include "tests/unit/storage/support.hpp"

namespace waggle::storage {
namespace {

/// Runs the child until it has acknowledged `acks` writes, kills it, and returns the last number
/// that it acknowledged.
std::optional<std::uint64_t> write_and_kill(const fs::path& data, std::uint64_t first, int acks) {
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  std::string program = WAGGLE_CRASH_CHILD;
  std::string directory = data.string();
  std::string start = std::to_string(first);
  char* const arguments[] = {program.data(), directory.data(), start.data(), nullptr};
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, ::environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);
  if (failed != 0) return std::nullopt;

  std::optional<std::uint64_t> last;
  std::FILE* const out = ::fdopen(pipe_ends[0], "r");
  char line[32];
  while (std::fgets(line, sizeof line, out) != nullptr) {
    last = std::strtoull(line, nullptr, 10);
    if (--acks == 0) ::kill(child, SIGKILL);  // It goes on meanwhile; so do we, to the end.
  }
  std::fclose(out);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  return last;
}

TEST(Crash, NoAcknowledgedWriteIsLost) {
  const TempFolder dir;
  const fs::path data = dir / "data";
  const char* const asked = std::getenv("WAGGLE_CRASH_ROUNDS");
  const int rounds = asked != nullptr ? std::atoi(asked) : 4;
  std::mt19937 random(7);
  std::uint64_t next = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto last = write_and_kill(data, next, 5 + static_cast<int>(random() % 60));
    ASSERT_TRUE(last) << "round " << round;
    const auto storage = must_open(data);
    ASSERT_NE(storage, nullptr) << "round " << round;
    const auto record = storage->get(Family::kSafety, as_bytes("record"));
    ASSERT_TRUE(record && *record);
    const std::uint64_t newest = number_of_key(**record).value();
    EXPECT_GE(newest, *last) << "round " << round;
    for (std::uint64_t i = 0; i <= newest; ++i) {
      ASSERT_EQ(**storage->get(Family::kHeights, big_endian_key(i)), big_endian_key(i));
      const auto block = storage->get(Family::kBlocks, big_endian_key(i));
      ASSERT_TRUE(block) << block.error().message;
      ASSERT_EQ(block->has_value(), i + 50 > newest) << i << " of " << newest;
      if (*block) {
        ASSERT_EQ((*block)->size(), 8 + 200 + i * 7919 % 90'000);
      }
    }
    EXPECT_FALSE(storage->get(Family::kHeights, big_endian_key(newest + 1))->has_value());
    next = newest + 1;
  }
}

}  // namespace
}  // namespace waggle::storage
