// What a host does when the commands it holds do not get their turn.
#include <gtest/gtest.h>

#include "consensus/pbeegees/rules.hpp"
#include "sim/base/random.hpp"
#include "smr/replica/host.hpp"
#include "tests/support/chain.hpp"
#include "tests/unit/replica/fake_environment.hpp"

namespace waggle::smr {
namespace {

/// Replica 0 of four. It leads view 1, replica 3 all others.
class HostTurns : public ::testing::Test {
 protected:
  static constexpr TimerId kForwardTimer{64};
  static constexpr TimerId kReportTimer{65};

  void submit(std::uint64_t number, std::size_t size = 1) {
    const std::string command(size, 'a');
    const auto bytes = std::make_shared<const Bytes>(chain_.request(1, number, {command}));
    host_.on_request(std::nullopt, *check_request(bytes, chain_.config, chain_.ring));
    environment_.finish_writes();
  }
  void deliver(chained::Message message) {
    host_.on_message(*chain_.validate(std::move(message), 3));
    environment_.finish_writes();
  }
  /// The replica's own block of view 1, with the first command.
  BlockPtr own() {
    const BlockPtr block = chain_.block({.view = 1,
                                         .parent = chain_.genesis,
                                         .qc = chain_.genesis->qc,
                                         .requests = {chain_.request(1, 1, {"a"})}});
    EXPECT_EQ(block->id, std::get<chained::Proposal>(environment_.broadcasts.at(0)).block->id);
    return block;
  }
  /// So many delays of forwarding go by; returns how many requests were forwarded then.
  std::uint64_t delays(int count) {
    const std::uint64_t before = host_.counters().requests_forwarded;
    for (; count > 0; --count) host_.on_timer(kForwardTimer);
    return host_.counters().requests_forwarded - before;
  }

  static std::vector<std::uint32_t> leaders() {
    std::vector<std::uint32_t> leaders(20, 3);
    leaders.front() = 0;
    return leaders;
  }
  testing::Chain chain_{4, leaders()};
  FakeEnvironment environment_;
  sim::Random rng_{1};
  pbeegees::Rules rules_;
  Host host_{{.chain = chain_.config,
              .rules = rules_,
              .self = ReplicaId{0},
              .hasher = chain_.hasher,
              .signer = chain_.signer(0),
              .rng = rng_,
              .pacemaker = {},
              .mempool = {}},
             environment_,
             recover(environment_.storage, chain_.config, chain_.hasher).value(),
             false};
};

TEST_F(HostTurns, WhatDoesNotCommitGoesToAllOthersAfterAFullDelay) {
  host_.start();
  submit(1);  // in our block
  submit(2);  // in none
  EXPECT_EQ(delays(1), 0U);
  EXPECT_EQ(delays(1), 2U);
  EXPECT_EQ(environment_.host_sent.size(), 3U);
}

TEST_F(HostTurns, WhileItsOwnBlocksCommitOnlyLittleIsForwarded) {
  host_.start();
  submit(1);
  const BlockPtr next = chain_.block({2, own(), chain_.qc(*own())});
  deliver(chained::Proposal{next});
  deliver(chained::Certificate{{chain_.qc(*next)}});
  ASSERT_EQ(host_.counters().blocks_committed, 1U);
  submit(2);
  EXPECT_EQ(delays(2), 1U) << "it costs nothing";
  for (const std::uint64_t number : {3U, 4U, 5U}) submit(number, 8 << 10);
  EXPECT_EQ(delays(6), 0U) << "their turn will come";
  EXPECT_EQ(delays(1), 4U) << "but it did not: 4.9";
}

TEST_F(HostTurns, AnOwnBlockThatIsOnlyCertifiedKeepsNothingBack) {
  host_.start();
  submit(1);
  submit(2);
  deliver(chained::Certificate{{chain_.qc(*own())}});
  EXPECT_EQ(delays(2), 2U);
}

TEST_F(HostTurns, WhoHasNotConnectedSomeTimeAfterTheStartIsNotWaitedFor) {
  host_.start();
  for (const std::uint32_t peer : {1U, 2U}) host_.on_peer_connected(ReplicaId{peer});
  submit(1);
  const chained::PacemakerConfig usual;
  EXPECT_EQ(environment_.timers.at(Host::Core::kViewTimer), usual.view_timeout);
  host_.on_timer(kReportTimer);
  const Duration shortened = environment_.timers.at(Host::Core::kViewTimer);
  EXPECT_LT(shortened, usual.view_timeout) << "replica 3 collects the votes of view 1";
  EXPECT_GE(shortened, usual.unreachable_timeout);
  host_.on_peer_connected(ReplicaId{3});
  host_.on_timer(kReportTimer);
  submit(2);
  EXPECT_EQ(environment_.timers.at(Host::Core::kViewTimer), shortened) << "of this view";
}

TEST_F(HostTurns, WhoIsConnectedIsWaitedFor) {
  host_.start();
  host_.on_peer_connected(ReplicaId{3});
  submit(1);
  host_.on_timer(kReportTimer);
  const chained::PacemakerConfig usual;
  EXPECT_EQ(environment_.timers.at(Host::Core::kViewTimer), usual.view_timeout);
  host_.on_peer_disconnected(ReplicaId{3});
  EXPECT_LT(environment_.timers.at(Host::Core::kViewTimer), usual.view_timeout);
}

}  // namespace
}  // namespace waggle::smr
