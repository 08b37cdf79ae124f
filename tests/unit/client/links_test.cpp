// Clients that share connections: each hears what is for it, and none is disturbed by another.
#include "smr/client/links.hpp"

#include <gtest/gtest.h>

#include "smr/client/client.hpp"
#include "tests/unit/client/loopback_cluster.hpp"

namespace waggle::client {
namespace {

using namespace std::chrono_literals;
using testing_support::LoopbackCluster;

class SharedLinks : public ::testing::Test {
 protected:
  /// With a new key.
  std::unique_ptr<Client> open() {
    ClientOptions options = cluster_.options();
    options.links = links_;
    auto opened = Client::open(options);
    EXPECT_TRUE(opened) << opened.error();
    return std::move(*opened);
  }
  static std::string result_of(const Outcome& outcome) {
    const auto* committed = std::get_if<Committed>(&outcome);
    return committed == nullptr ? "outcome " + std::to_string(outcome.index())
                                : std::string(as_text(committed->result));
  }

  LoopbackCluster cluster_;
  std::shared_ptr<Links> links_ = std::make_shared<Links>(cluster_.options().replicas);
};

TEST_F(SharedLinks, ResultsOfEqualNumbersGoToTheirOwnClient) {
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(open());
    outcomes.push_back(clients.back()->submit(to_bytes(std::to_string(i)), 10s));
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(result_of(outcomes[i].get()), "r" + std::to_string(i));
  }
}

TEST_F(SharedLinks, ReadsOfOneClientAreNotAnsweredByThoseOfAnother) {
  const auto first = open();
  const auto second = open();
  for (int i = 0; i < 20; ++i) {
    auto one = first->local_read(ReplicaId{1}, to_bytes("one"), 10s);
    auto two = second->local_read(ReplicaId{1}, to_bytes("two"), 10s);
    EXPECT_EQ(one.get()->result, to_bytes("one"));
    EXPECT_EQ(two.get()->result, to_bytes("two"));
  }
}

TEST_F(SharedLinks, AClientThatClosesDoesNotDisturbTheOthers) {
  const auto stays = open();
  auto goes = open();
  EXPECT_EQ(result_of(goes->execute(to_bytes("a"), 10s)), "ra");
  cluster_.set_ordering(false);
  auto open_still = stays->submit(to_bytes("b"), 10s);
  auto cut_off = goes->submit(to_bytes("c"), 10s);
  while (stays->status(ReplicaId{0}, 10s).get() == std::nullopt) {
  }
  goes.reset();
  EXPECT_FALSE(std::holds_alternative<Committed>(cut_off.get()));
  cluster_.set_ordering(true);  // answers both
  EXPECT_EQ(result_of(open_still.get()), "rb");
  EXPECT_EQ(result_of(open()->execute(to_bytes("d"), 10s)), "rd") << "opened when all is up";
}

TEST_F(SharedLinks, ClosingInTheMiddleOfLoadIsClean) {
  const auto stays = open();
  for (int round = 0; round < 10; ++round) {
    auto goes = open();
    std::vector<std::future<Outcome>> kept;
    for (int i = 0; i < 50; ++i) {
      kept.push_back(stays->submit(to_bytes(std::to_string(i)), 10s));
      goes->submit(to_bytes(std::to_string(i)), 10s, [](const Outcome&) {});
    }
    goes.reset();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(result_of(kept[i].get()), "r" + std::to_string(i));
  }
}

TEST_F(SharedLinks, WhatOneClientRefusesNobodyTakes) {
  const auto first = open();
  const auto second = open();
  cluster_.set_mood(2, LoopbackCluster::Mood::kLiar);
  auto one = first->status(ReplicaId{2}, 300ms);
  auto two = second->status(ReplicaId{2}, 300ms);
  EXPECT_EQ(one.get(), std::nullopt) << "it says it is another one";
  EXPECT_EQ(two.get(), std::nullopt);
  cluster_.set_mood(2, LoopbackCluster::Mood::kHonest);
  EXPECT_NE(second->status(ReplicaId{2}, 10s).get(), std::nullopt);
  EXPECT_EQ(result_of(first->execute(to_bytes("a"), 10s)), "ra");
}

TEST_F(SharedLinks, WhatIsNoMessageClosesOneConnectionAndNothingElse) {
  const auto first = open();
  const auto second = open();
  cluster_.set_mood(2, LoopbackCluster::Mood::kBabbler);
  EXPECT_EQ(first->status(ReplicaId{2}, 300ms).get(), std::nullopt);
  for (const auto& client : {first.get(), second.get()}) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(result_of(client->execute(to_bytes(std::to_string(i)), 10s)),
                "r" + std::to_string(i));
    }
  }
  cluster_.set_mood(2, LoopbackCluster::Mood::kHonest);
  EXPECT_NE(second->status(ReplicaId{2}, 10s).get(), std::nullopt) << "connected again";
}

TEST_F(SharedLinks, AllHearOfReplicasThatGoAndComeBack) {
  const auto first = open();
  const auto second = open();
  EXPECT_EQ(result_of(first->execute(to_bytes("a"), 10s)), "ra");
  for (std::uint32_t i = 0; i < 4; ++i) cluster_.kill(i);
  for (const auto& client : {first.get(), second.get()}) {
    EXPECT_FALSE(std::holds_alternative<Committed>(client->execute(to_bytes("b"), 200ms)));
  }
  for (std::uint32_t i = 0; i < 4; ++i) cluster_.restart(i);
  EXPECT_EQ(result_of(second->execute(to_bytes("c"), 10s)), "rc");
  EXPECT_EQ(result_of(first->execute(to_bytes("d"), 10s)), "rd");
}

TEST_F(SharedLinks, ToOtherReplicasAreRefused) {
  ClientOptions options = cluster_.options();
  options.replicas.pop_back();
  options.links = links_;
  const auto opened = Client::open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), "links: they lead to other replicas");
}

}  // namespace
}  // namespace waggle::client
