#include "tests/world/seeds.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "sim/trace/json_lines.hpp"
#include "tests/support/scaled.hpp"

namespace waggle::sim {
namespace {

std::optional<std::uint64_t> number_from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

std::string command_for(std::uint64_t seed) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return "WAGGLE_SEED=" + std::to_string(seed) +
         " tests/bin/test_world --gtest_filter=" + test->test_suite_name() + "." + test->name();
}

/// Told when a core's own invariant aborts the process.
std::array<char, 256> abort_note{};

void on_abort(int) {
  std::size_t size = 0;
  while (size < abort_note.size() && abort_note[size] != '\0') ++size;
  [[maybe_unused]] const auto written = write(STDERR_FILENO, abort_note.data(), size);
}

void announce(std::uint64_t seed) {
  signal(SIGABRT, on_abort);
  std::snprintf(abort_note.data(), abort_note.size(), "reproduce: %s\n", command_for(seed).c_str());
}

}  // namespace

RunResult result_of(const World& world) {
  RunResult result{std::nullopt, world.digest()};
  if (!world.violations().empty()) {
    const Violation& first = world.violations().front();
    result.violation = first.property + ": " + first.detail;
  }
  return result;
}

RunResult strike_then_heal(World& world, const NemesisPlan& plan, Duration bound) {
  Nemesis nemesis(world, plan);
  world.start();
  nemesis.start();
  world.run_for(std::chrono::seconds(2));
  nemesis.stop();
  world.heal();
  world.expect_progress_then_silence(bound);
  return result_of(world);
}

WorldOptions options_of(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  if (std::getenv("WAGGLE_TRACE") != nullptr) {
    static JsonLines lines(std::cerr, {.scenario = "test", .seed = seed, .core = "pbeegees"});
    options.sink = &lines;
  }
  return options;
}

void for_each_seed(std::uint64_t count, const Run& run) {
  std::uint64_t first = 1;
  std::uint64_t last = scaled(count);
  if (const auto one = number_from_environment("WAGGLE_SEED")) first = last = *one;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    announce(seed);
    const RunResult result = run(seed);
    if (result.violation) {
      ADD_FAILURE() << *result.violation << "\nreproduce: " << command_for(seed);
      return;
    }
    if (run(seed).trace != result.trace) {
      ADD_FAILURE() << "two runs of one seed differ\nreproduce: " << command_for(seed);
      return;
    }
  }
}

void expect_caught(std::uint64_t count, std::string_view expected, const Run& run) {
  std::uint64_t first = 1;
  if (const auto one = number_from_environment("WAGGLE_SEED")) first = count = *one;
  for (std::uint64_t seed = first; seed <= count; ++seed) {
    announce(seed);
    const RunResult result = run(seed);
    if (!result.violation) continue;
    EXPECT_NE(result.violation->find(expected), std::string::npos) << *result.violation;
    ::testing::Test::RecordProperty("seed", std::to_string(seed));
    return;
  }
  ADD_FAILURE() << "no seed of " << count << " noticed that the guard is gone";
}

}  // namespace waggle::sim
