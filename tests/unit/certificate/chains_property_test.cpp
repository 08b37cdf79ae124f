// Completeness and soundness of certificates over random interleavings of many clients, and bugs
// planted in the server's rules, which the same check must find.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/base/random.hpp"
#include "sim/crypto/symbolic.hpp"
#include "tests/unit/certificate/chain_world.hpp"

namespace waggle::testing {
namespace {

using certificate::ChainGuards;

const sim::SymbolicHasher kHasher;

/// One step: the high bits choose the client, the low ones what happens.
using Steps = std::vector<std::uint16_t>;

void act(ChainWorld& world, std::size_t client, unsigned choice) {
  switch (choice) {
    case 0: return world.commit(client, true);
    case 1: return world.repeat(client);
    case 2: return world.acknowledge(client, true);
    default: return choice % 2 == 0 ? world.acknowledge(client) : world.commit(client);
  }
}

/// After every step, and at the end at servers that lag.
std::optional<std::string> complaint_of(std::size_t clients, const Steps& steps,
                                        ChainGuards guards = {}) {
  ChainWorld world(clients, kHasher, guards);
  for (const std::uint16_t step : steps) {
    act(world, (step >> 4) % clients, step & 15);
    if (auto found = world.complaint()) return found;
  }
  return world.complaint_anywhere();
}

TEST(ChainsProperty, EveryAcknowledgedCommandVerifiesAfterEveryStep) {
  EXPECT_TRUE(rc::check("completeness and soundness", [](const Steps& steps) {
    for (const std::size_t clients : {1U, 2U, 5U, 17U}) {
      const auto complaint = complaint_of(clients, steps);
      if (complaint) RC_FAIL(*complaint);
    }
  }));
}

/// Long enough for trees of many heights, and for clients that pause while others go on.
TEST(ChainsProperty, ClientsThatPauseForLong) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    sim::Random random(seed);
    ChainWorld world(40, kHasher);
    for (unsigned i = 0; i < 6000; ++i) {
      const std::uint64_t active = 1 + i / 1000 * 8 % 40;
      act(world, random.below(active), static_cast<unsigned>(random.below(16)));
      if (i % 500 == 499) {
        ASSERT_EQ(world.complaint(), std::nullopt) << "seed " << seed;
      }
    }
  }
}

/// Whether the check complains about any of some random runs.
bool caught(ChainGuards guards) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    sim::Random random(seed);
    Steps steps(100);
    for (std::uint16_t& step : steps) step = static_cast<std::uint16_t>(random.below(1 << 16));
    if (complaint_of(3, steps, guards)) return true;
  }
  return false;
}

TEST(ChainsPlanted, NothingIsWrongWithoutABug) { EXPECT_FALSE(caught({})); }

TEST(ChainsPlanted, AFallbackFromTheRootIsCaught) {
  EXPECT_TRUE(caught({.root_alone_decides = false}));
}

TEST(ChainsPlanted, AChainFoldedTooFarIsCaught) { EXPECT_TRUE(caught({.folds_to_level = false})); }

TEST(ChainsPlanted, AWindowSlotOffByOneIsCaught) { EXPECT_TRUE(caught({.keeps_last_two = false})); }

}  // namespace
}  // namespace waggle::testing
