// States of paper mode: a tree of sequences.
#include "smr/median/history.hpp"

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace waggle::median {
namespace {

ClientId client_id(std::uint64_t client) {
  ClientId id;
  id.bytes[0] = static_cast<std::uint8_t>(client);
  return id;
}

TEST(History, FindsLastNumbersOnEveryBranch) {
  constexpr std::uint64_t kClients = 5;
  CommandTable table;
  const History* known = nullptr;
  const auto by_walking = [&](StateRef state, std::uint32_t client) -> std::uint64_t {
    for (; known->length(state) > 0; state = known->parent(state)) {
      const Slot slot = table.slot(known->last(state));
      if (table.client(slot) == client) return table.number(slot);
    }
    return 0;
  };
  History history(table, Choices{});
  known = &history;
  Findings findings;
  sim::Random random(1);
  std::vector<StateRef> states = {kInitialState};
  for (int step = 0; step < 3000; ++step) {
    // Mostly at the end of the newest branch; now and then another one begins.
    const bool fork = random.below(20) == 0;
    const StateRef from = fork ? states[random.below(states.size())] : states.back();
    const std::uint64_t client = random.below(kClients);
    const Handle some = table.intern({client_id(client), 1, {}});
    const std::uint64_t number = history.last_number(from, table.client(table.slot(some))) + 1;
    states.push_back(history.commit(from, table.intern({client_id(client), number, {}}), findings));
    const StateRef asked = states[random.below(states.size())];
    for (std::uint32_t one = 0; one < table.clients(); ++one) {
      ASSERT_EQ(history.last_number(asked, one), by_walking(asked, one));
    }
  }
  EXPECT_GT(history.size(), 2500U);
  EXPECT_EQ(findings.count(Finding::kNumberSkipped), 0U);
}

}  // namespace
}  // namespace waggle::median
