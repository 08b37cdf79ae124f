// Golden transcripts: every input and effect of a scenario, compared byte for byte with
// tests/data/pbeegees/*.txt. WAGGLE_REWRITE=1 writes them anew; the difference is for review.

#include <gtest/gtest.h>

#include "tests/support/frozen.hpp"
#include "tests/support/trace.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

class Transcript {
 public:
  Transcript() : trace_(chain) {
    bench.observe = [this](std::uint32_t replica, const std::string& input,
                           const Bench::Effects& effects) {
      lines_ += std::to_string(replica) + " <- " + input + "\n";
      for (const auto& effect : effects) {
        const std::string line = trace_.text(effect);
        if (!line.empty()) lines_ += "    " + line + "\n";
      }
    };
  }
  void say(const std::string& title) { lines_ += "\n# " + title + "\n"; }
  void start_all() {
    for (std::uint32_t id = 0; id < 4; ++id) bench.start(id);
  }
  void submit_to_all(const std::string& command) {
    for (std::uint32_t id = 0; id < 4; ++id) {
      if (bench.running(id)) bench.submit(id, command);
    }
    bench.run();
  }
  /// Lets timers run until nobody is busy.
  void settle(int ticks = 100) {
    while (ticks-- > 0 && bench.tick()) {
    }
  }
  void compare(const std::string& name) {
    EXPECT_FALSE(bench.forked());
    const std::string file =
        std::string(WAGGLE_SOURCE_DIR) + "/tests/data/pbeegees/" + name + ".txt";
    const std::string text =
        "# Inputs and effects of four replicas. Tips are block(view,qc_view). Written by\n"
        "# tests/spec/transcripts_test.cpp with WAGGLE_REWRITE=1.\n" +
        lines_;
    expect_frozen(file, text);
  }

  Chain chain;
  Bench bench{chain};

 private:
  Trace trace_;
  std::string lines_;
};

TEST(PbeegeesTranscript, NormalCase) {
  Transcript t;
  t.say("start");
  t.start_all();
  t.say("one command, known to all");
  t.submit_to_all("put a 1");
  t.compare("normal_case");
}

TEST(PbeegeesTranscript, CrashedLeader) {
  Transcript t;
  t.say("start; replica 2, leader of view 2, is dead: it would collect the votes of view 1");
  for (const std::uint32_t id : {0U, 1U, 3U}) t.bench.start(id);
  t.say("one command");
  t.submit_to_all("put a 1");
  t.say("timers");
  t.settle();
  for (const std::uint32_t id : {0U, 1U, 3U}) EXPECT_FALSE(t.bench.core(id).busy());
  t.compare("crashed_leader");
}

TEST(PbeegeesTranscript, IdleAndWakeUp) {
  Transcript t;
  t.start_all();
  t.submit_to_all("put a 1");
  t.settle();
  t.say("idle: heartbeats only");
  for (std::uint32_t id = 0; id < 4; ++id) t.bench.fire(id, Core::kHeartbeatTimer);
  t.bench.run();
  t.say("a command wakes the chain up");
  t.submit_to_all("put b 2");
  t.settle();
  t.compare("idle_and_wake_up");
}

TEST(PbeegeesTranscript, Rejoin) {
  Transcript t;
  t.start_all();
  t.submit_to_all("put a 1");
  t.settle();
  t.say("replica 3 loses its disk and is told to rejoin; the chain is idle");
  t.bench.lose_disk(3);
  t.bench.start(3, true);
  t.bench.run();
  t.settle(40);
  EXPECT_FALSE(t.bench.core(3).passive());
  t.say("it takes part again");
  t.submit_to_all("put b 2");
  t.settle();
  t.compare("rejoin");
}

}  // namespace
}  // namespace waggle::testing
