#include "sim/world/packet.hpp"

#include <gtest/gtest.h>

#include "net/codec.hpp"
#include "tests/support/chain.hpp"
#include "tests/unit/median/samples.hpp"

namespace waggle::sim {
namespace {

using testing::Chain;

/// Every kind of message, with contents of some size.
std::vector<chained::Message> samples(Chain& chain) {
  const BlockPtr first = chain.block({.view = 1, .parent = chain.genesis, .commands = {"a", "bb"}});
  const BlockPtr second = chain.block({.view = 2, .parent = first, .commands = {"long command"}});
  const TcPtr tc = chain.tc(3, {{0, second->tip()}, {1, second->tip()}, {2, first->tip()}});
  const BlockPtr third =
      chain.block({.view = 4, .parent = second, .qc = chain.qc(*first), .tc = tc});
  Timeout timeout = chain.timeout(1, 5, second->tip());
  timeout.tip_vote = chain.vote_signature(1, second->view(), second->id);
  timeout.full_qc = chain.qc(*second);
  timeout.high_qc = timeout.full_qc->ref();
  const std::vector<Timeout> timeouts = {timeout, chain.timeout(2, 5, first->tip())};
  return {
      chained::Proposal{second},
      chained::Proposal{third},
      chain.vote(2, *third),
      chained::TimeoutMessage{timeout},
      chained::Certificate{{chain.qc(*third)}},
      chained::Certificate{{tc}},
      chained::Certificate{{timeouts}},
      chained::Certificate{},
      chained::Heartbeat{chain.qc(*second)},
      chained::BranchRequest{third->id, Height{3}, 64},
      chained::Branch{third->id, {chain.chained(first), chain.chained(second)}, chain.qc(*third)},
      chain.signed_by(1, chained::RejoinChallenge{ReplicaId{1}, first->id, {}}),
      chain.signed_by(
          2, chained::RejoinReport{ReplicaId{2}, ReplicaId{1}, first->id, View{4}, {tc}, {}})};
}

TEST(Packet, SizesAreThoseOfTheCodec) {
  for (const std::uint32_t n : {4U, 31U}) {
    Chain chain(n);
    for (const chained::Message& message : samples(chain)) {
      const auto real = static_cast<double>(net::encode_peer(message).wire_size());
      EXPECT_NEAR(wire_size(message), real, 12 + real * 0.01) << kind_of(message) << ", n " << n;
    }
  }
}

TEST(Packet, IsJudgedOnce) {
  Chain chain;
  Packet packet(ReplicaId{2}, samples(chain).at(2));
  int judged = 0;
  const auto judge = [&](const chained::Message& message, ReplicaId from) {
    ++judged;
    return chain.validate(message, from.value);
  };
  EXPECT_TRUE(packet.verdict(judge));
  EXPECT_TRUE(packet.verdict(judge));
  EXPECT_EQ(judged, 1);
  Packet forged(ReplicaId{1}, packet.message());
  EXPECT_EQ(forged.verdict(judge).error(), Refusal::kWrongSender);
}

TEST(Packet, TheNetworkSeesViewAndBlock) {
  Chain chain;
  for (const chained::Message& message : samples(chain)) {
    const Wire wire = wire_of(Address{4}, Address{0}, message, 100);
    EXPECT_EQ(wire.bytes, 100U);
    EXPECT_EQ(wire.from, Address{4}) << "of a twin";
    EXPECT_EQ(wire.kind, kind_of(message));
    if (wire.kind == "vote") {
      EXPECT_EQ(wire.view, View{4});
      EXPECT_TRUE(wire.states_view);
      EXPECT_NE(wire.block, nullptr);
    }
  }
}

TEST(Packet, SizesOfTheMedianRuleAreThoseOfTheCodec) {
  const testing::MedianSamples samples;
  for (const median::Message& message : samples.messages()) {
    const auto real = static_cast<double>(net::encode_peer(message).wire_size());
    EXPECT_NEAR(wire_size(message), real, 12 + real * 0.01) << kind_of(message);
  }
}

TEST(Packet, TheNetworkSeesRounds) {
  const testing::MedianSamples samples;
  for (const median::Message& message : samples.messages()) {
    const Wire wire = wire_of(Address{1}, Address{2}, message, 100);
    EXPECT_EQ(wire.kind, kind_of(message));
    if (const auto* append = std::get_if<median::Append>(&message)) {
      EXPECT_EQ(wire.view, View{append->round});
      EXPECT_TRUE(wire.states_view);
    }
    if (std::holds_alternative<median::Commit>(message)) {
      EXPECT_FALSE(wire.states_view);
    }
  }
}

}  // namespace
}  // namespace waggle::sim
