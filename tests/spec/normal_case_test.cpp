// Fault-free and nearly so: four replicas in lockstep.
#include "tests/support/bench.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

struct NormalCase : ::testing::Test {
  Chain chain;
  Bench bench{chain};
  void start_all() {
    for (std::uint32_t id = 0; id < chain.config.n(); ++id) bench.start(id);
  }
};

TEST_F(NormalCase, CommitsTwoViewsAfterTheProposalAndThenFallsSilent) {
  start_all();
  EXPECT_TRUE(bench.network().empty()) << "nothing to do, nothing to say";
  for (std::uint32_t id = 0; id < 4; ++id) bench.submit(id, "put a 1");
  bench.run();
  for (std::uint32_t id = 0; id < 4; ++id) {
    ASSERT_FALSE(bench.commits(id).empty()) << id;
    EXPECT_EQ(bench.commits(id).front()->view(), View{1});
    EXPECT_EQ(bench.commits(id).front()->payload->leaves().size(), 1U);
    EXPECT_FALSE(bench.core(id).busy());
    EXPECT_EQ(bench.core(id).view().value, 3U);
    EXPECT_EQ(bench.commits(id).size(), 1U);
    EXPECT_TRUE(bench.refusals(id).empty());
  }
  // A timer that was set before the mempool emptied finds nothing to do.
  while (bench.tick()) {
  }
  for (std::uint32_t id = 0; id < 4; ++id) EXPECT_EQ(bench.core(id).view().value, 3U);
  EXPECT_FALSE(bench.forked());
}

TEST_F(NormalCase, OneCrashedReplicaDoesNotStopTheOthers) {
  for (std::uint32_t dead = 0; dead < 4; ++dead) {
    Chain fresh;
    Bench world(fresh);
    for (std::uint32_t id = 0; id < 4; ++id) {
      if (id != dead) world.start(id);
    }
    for (int i = 0; i < 10; ++i) {
      for (std::uint32_t id = 0; id < 4; ++id) {
        if (id != dead) world.submit(id, "put a " + std::to_string(i));
      }
      world.run();
      for (int ticks = 0; ticks < 40; ++ticks) {
        if (!world.tick()) break;
      }
      for (std::uint32_t id = 0; id < 4; ++id) {
        if (id == dead) continue;
        EXPECT_FALSE(world.core(id).busy()) << "dead " << dead << " replica " << id;
      }
    }
    EXPECT_FALSE(world.forked());
  }
}

TEST_F(NormalCase, AllReplicasRestartInTheMiddleOfAViewAndGoOn) {
  start_all();
  for (std::uint32_t id = 0; id < 4; ++id) bench.submit(id, "put a 1");
  for (std::size_t cut = 1; cut < 40; ++cut) {
    bench.run(cut);
    bench.network().clear();
    for (std::uint32_t id = 0; id < 4; ++id) bench.restart(id);
    for (std::uint32_t id = 0; id < 4; ++id) bench.submit(id, "put b " + std::to_string(cut));
    bench.run();
    for (int ticks = 0; ticks < 60; ++ticks) {
      if (!bench.tick()) break;
    }
    for (std::uint32_t id = 0; id < 4; ++id) EXPECT_FALSE(bench.core(id).busy()) << cut;
    for (std::uint32_t id = 0; id < 4; ++id) bench.submit(id, "put c " + std::to_string(cut));
  }
  EXPECT_FALSE(bench.forked());
}

}  // namespace
}  // namespace waggle::testing
