// What a host does when the commands it holds do not get their turn.
#include "tests/unit/replica/one_host.hpp"

namespace waggle::smr {
namespace {

/// It leads view 1 itself.
class HostTurns : public OneHost {
 protected:
  HostTurns() : OneHost({.leaders = leaders()}) {}

  void submit(std::uint64_t number, std::size_t size = 1) {
    OneHost::submit(1, number, std::string(size, 'a'));
    environment_.finish_writes();
  }
  void deliver(chained::Message message) {
    OneHost::deliver(3, std::move(message));
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
