// docs/spec/median-smr.md, 3, 8 and 9: whole sealed servers, from messages to executed entries.
#include <gtest/gtest.h>

#include "tests/support/median_network.hpp"

namespace waggle::median {
namespace {

using test::MedianNetwork;

Parameters small(std::uint32_t n) { return {.n = n, .T = 4, .B = 4}; }
Parameters large(std::uint32_t n) { return {.n = n, .T = 16, .B = 8}; }

/// One command of each of these clients, each at a server of its own.
std::vector<Content> submit_one_each(MedianNetwork& network, std::uint32_t clients,
                                     std::uint64_t number = 1) {
  std::vector<Content> commands;
  for (std::uint32_t client = 0; client < clients; ++client) {
    commands.push_back(network.command(client, number));
    network.submit(client % network.n(), commands.back());
  }
  return commands;
}

class MedianServer : public testing::TestWithParam<std::uint32_t> {
 protected:
  Parameters parameters() const { return GetParam() <= 32 ? small(GetParam()) : large(GetParam()); }
};

TEST_P(MedianServer, SealsEveryCommandOnceInOneOrder) {
  MedianNetwork network(parameters());
  const auto commands = submit_one_each(network, 10);
  network.rounds(60);
  EXPECT_TRUE(network.agree());
  EXPECT_TRUE(network.all_executed(commands));
  for (std::uint32_t i = 0; i < network.n(); ++i) {
    EXPECT_EQ(network.executed(i).size(), commands.size());
    EXPECT_EQ(network.server(i).pending(), 0u);
  }
  EXPECT_EQ(network.refused(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Sizes, MedianServer, testing::Values(3, 4, 7, 32, 40));

TEST(MedianServers, SealAClientsCommandsOneAfterTheOther) {
  MedianNetwork network(small(4));
  for (std::uint64_t number = 1; number <= 5; ++number) {
    const auto commands = submit_one_each(network, 3, number);
    network.rounds(15);
    ASSERT_TRUE(network.all_executed(commands)) << number;
  }
  EXPECT_TRUE(network.agree());
}

TEST(MedianServers, GoOnWhileAFreshThirdIsBlockedInEveryRound) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    MedianNetwork network(small(10), seed);
    sim::Random rng(seed);
    const auto commands = submit_one_each(network, 20);
    for (int i = 0; i < 150; ++i) {
      std::set<std::uint32_t> blocked;
      while (blocked.size() < 3) blocked.insert(static_cast<std::uint32_t>(rng.below(10)));
      network.round(blocked);
      ASSERT_TRUE(network.agree()) << "seed " << seed;
    }
    EXPECT_TRUE(network.all_executed(commands)) << "seed " << seed;
  }
}

TEST(MedianServers, ComeBackFromASurge) {
  MedianNetwork network(small(7));
  const auto before = submit_one_each(network, 5);
  network.rounds(3);
  std::set<std::uint32_t> all;
  for (std::uint32_t i = 0; i < 7; ++i) all.insert(i);
  network.rounds(40, all);
  network.rounds(30);
  EXPECT_TRUE(network.all_executed(before));
  EXPECT_TRUE(network.agree());
  EXPECT_GE(network.server(0).counters().rounds_skipped, 40u);
}

TEST(MedianServers, LoseNothingWhenAllAreKilled) {
  for (const std::uint32_t at : {1u, 5u, 6u, 9u, 13u}) {
    MedianNetwork network(small(4), at);
    const auto first = submit_one_each(network, 8);
    network.rounds(at);
    for (std::uint32_t i = 0; i < 4; ++i) {
      network.crash(i);
      network.restart(i);
    }
    for (const Content& content : first) network.submit(0, content);  // clients ask again
    network.rounds(30);
    EXPECT_TRUE(network.agree()) << at;
    EXPECT_TRUE(network.all_executed(first)) << at;
  }
}

TEST(MedianServers, BringOneThatWasAwayUpToDate) {
  MedianNetwork network(small(4));
  std::vector<Content> commands;
  for (std::uint64_t number = 1; number <= 10; ++number) {
    for (const Content& content : submit_one_each(network, 2, number)) commands.push_back(content);
    network.rounds(12, {3});
  }
  ASSERT_EQ(network.executed(3).size(), 0u);
  network.rounds(20);
  EXPECT_TRUE(network.all_executed(commands));
  EXPECT_TRUE(network.agree());
}

TEST(MedianServers, SayWhenTheStateIsNeeded) {
  MedianNetwork network(small(4));
  submit_one_each(network, 3);
  network.rounds(30, {3});
  // A server that took the state from elsewhere keeps no commands.
  network.wipe(2);
  network.rounds(40, {3});
  ASSERT_EQ(network.executed(2).size(), network.executed(0).size());
  MedianNetwork other(small(4));
  other.feed(2, StateInstalled{network.server(2).final()});
  other.rounds(3);
  EXPECT_EQ(other.server(2).final()->length, 3u);
  EXPECT_FALSE(other.state_needed(3).empty());
  EXPECT_EQ(other.state_needed(3).front(), ReplicaId{2});
}

// 8.7: until others have closed the windows in which it may have signed, it signs nothing.
TEST(MedianServers, SignNothingAfterLosingTheirMemoryUntilItIsSafe) {
  MedianNetwork network(small(4));
  submit_one_each(network, 4);
  network.rounds(30);
  const std::size_t signed_before = network.signed_by(3).size();
  network.crash(3);
  network.wipe(3);
  EXPECT_TRUE(network.server(3).rejoining());
  network.rounds(4, {0, 1});  // one other is not enough of four
  EXPECT_TRUE(network.server(3).rejoining());
  network.rounds(20, {0, 1});
  EXPECT_TRUE(network.server(3).rejoining());
  EXPECT_EQ(network.signed_by(3).size(), signed_before);
  network.rounds(20);
  EXPECT_FALSE(network.server(3).rejoining());
  const auto commands = submit_one_each(network, 4, 2);
  network.rounds(30);
  EXPECT_GT(network.signed_by(3).size(), signed_before);
  EXPECT_TRUE(network.all_executed(commands));
  EXPECT_TRUE(network.agree());
}

TEST(MedianServers, KeepThatTheyRejoinAcrossARestart) {
  MedianNetwork network(small(4));
  network.rounds(9);
  network.wipe(3);
  network.rounds(1, {0, 1});
  network.crash(3);
  network.restart(3);
  EXPECT_TRUE(network.server(3).rejoining());
}

// 8.7: the first thing that it writes is that it rejoins, or a restart would not know.
TEST(MedianServers, TakeNothingInBeforeTheyBeginToRejoin) {
  MedianNetwork network(small(4));
  submit_one_each(network, 4);
  network.rounds(30);
  const auto from_0 = [&](const Message& message) {
    return *validate(message, ReplicaId{0}, network.chain(), network.verifier(), network.hasher());
  };
  Effects effects;
  network.server(0).step(from_0(FinalRequest{0}), effects);
  const Message answer = std::get<Send<Message>>(effects.front()).message;
  ASSERT_EQ(std::get<FinalReply>(answer).entries.size(), 4u);
  network.wipe(3);
  network.feed(3, from_0(answer));
  EXPECT_EQ(network.disk(3).size(), 0u);
  network.round();
  EXPECT_TRUE(network.disk(3).contains(rejoin_key()));
}

TEST(MedianServers, WriteNothingWhileIdle) {
  MedianNetwork network(small(4));
  const auto commands = submit_one_each(network, 4);
  network.rounds(40);
  ASSERT_TRUE(network.all_executed(commands));
  const std::uint64_t writes = network.writes(0);
  network.rounds(100);
  EXPECT_EQ(network.writes(0), writes);
  const std::uint64_t requests = network.requests_sent();
  network.rounds(80);
  EXPECT_EQ(network.requests_sent() - requests, 10u * 4 * 3);  // one round in eight
  EXPECT_EQ(network.server(0).replies(), 4u);
  EXPECT_EQ(network.server(0).counters().rounds_blocked, 0u);
  // And the first command afterwards is as fast as any.
  const auto next = submit_one_each(network, 1, 2);
  network.rounds(14);
  EXPECT_TRUE(network.all_executed(next));
}

TEST(MedianServers, SendOnlyWhatTheAskerLacks) {
  MedianNetwork network({.n = 4, .T = 1000, .B = 4});  // nothing is sealed
  submit_one_each(network, 100);
  network.rounds(5);
  const std::uint64_t before = network.entries_sent();
  network.rounds(10);
  EXPECT_EQ(network.entries_sent(), before);
  EXPECT_EQ(network.server(0).log_entries(), 100u);
}

// Whoever had the command of a name may lose it before anybody asked.
TEST(MedianServers, AreNotHeldUpByANameWithoutItsCommand) {
  MedianNetwork network(small(4));
  network.round();
  network.round({1});
  const Command lost = network.command(99, 1).command;
  LogReply reply{.round = 1};
  reply.entries.push_back({{lost.client, lost.number, lost.digest}, 1});
  network.feed(
      3, *validate(reply, ReplicaId{1}, network.chain(), network.verifier(), network.hasher()));
  const auto commands = submit_one_each(network, 8);
  network.rounds(10);
  EXPECT_GT(network.server(0).log_entries(), 0u);  // the name has come to all
  network.rounds(10);
  EXPECT_TRUE(network.all_executed(commands));
  network.rounds(60);
  EXPECT_EQ(network.server(0).log_entries(), 0u);
  // Its client asks again.
  const Content again = network.command(99, 1);
  network.submit(2, again);
  network.rounds(20);
  EXPECT_TRUE(network.all_executed({again}));
}

TEST(MedianServers, MakeTheirTableAnewAndGoOn) {
  MedianNetwork network(small(4), 1, 20);
  for (std::uint64_t number = 1; number <= 20; ++number) {
    const auto commands = submit_one_each(network, 5, number);
    network.rounds(14);
    ASSERT_TRUE(network.all_executed(commands)) << number;
  }
  EXPECT_GE(network.server(0).counters().tables, 3u);
  EXPECT_TRUE(network.agree());
}

// 9: early by less than a round waits, all else counts as not arrived.
TEST(MedianServers, KeepToTheirRounds) {
  MedianNetwork network(small(4));
  network.rounds(3);
  const auto request = [&](Round round) {
    const Message message = LogRequest{.round = round, .pres = {0}};
    return *validate(message, ReplicaId{1}, network.chain(), network.verifier(), network.hasher());
  };
  Server& server = network.server(0);
  const auto replies_to = [&](Round round) {
    Effects effects;
    server.step(request(round), effects);
    return effects.size();
  };
  EXPECT_EQ(replies_to(2), 1u);  // the round that runs
  EXPECT_EQ(replies_to(1), 0u);
  EXPECT_EQ(replies_to(5), 0u);
  EXPECT_EQ(replies_to(3), 0u);
  const auto timing = server.timing().at(ReplicaId{1});
  EXPECT_EQ(timing.late, 1u);
  EXPECT_EQ(timing.early, 1u);
  Effects effects;
  server.step(RoundBegins{3}, effects);
  const auto is_reply = [](const Effect& effect) {
    const auto* sent = std::get_if<Send<Message>>(&effect);
    return sent != nullptr && std::holds_alternative<LogReply>(sent->message);
  };
  EXPECT_EQ(std::count_if(effects.begin(), effects.end(), is_reply), 1);
  EXPECT_EQ(server.counters().kept_early, 1u);
}

// 9: a server with a clock that is far ahead signs for windows that nobody is in. It counts as
// blocked; the others go on.
TEST(MedianServers, GoOnWhileOneClockIsAhead) {
  MedianNetwork network(small(4));
  network.rounds(3);
  network.submit(3, network.command(9, 1));
  const auto ahead = [&](Round from, Round to) {
    for (Round round = from; round < to; ++round) {
      network.feed(3, RoundBegins{round});
      network.round();
    }
  };
  ahead(1'000, 1'020);
  ASSERT_FALSE(network.signed_by(3).empty());
  const auto commands = submit_one_each(network, 3);
  ahead(1'020, 1'060);
  EXPECT_EQ(network.server(0).final()->length, commands.size());
}

TEST(MedianServers, RefuseAnswersThatNobodyAskedFor) {
  MedianNetwork network(small(4));
  network.rounds(3);
  const Message reply = LogReply{.round = 2};
  network.feed(
      0, *validate(reply, ReplicaId{1}, network.chain(), network.verifier(), network.hasher()));
  EXPECT_EQ(network.refused(), 1u);  // the one of this round is there already
}

/// A difference says with how many entries of the own log it begins; there are not so many.
TEST(MedianServers, RefuseALogThatGoesOnFromEntriesTheyDoNotHave) {
  MedianNetwork network(small(4));
  network.submit(0, network.command(1, 1));
  network.round({1});  // so that server 1 has not answered yet
  const std::size_t entries = network.server(0).log_entries();
  const auto reply = [&](std::uint64_t shared) {
    const Message message = LogReply{.round = network.now() - 1, .shared = shared};
    network.feed(
        0, *validate(message, ReplicaId{1}, network.chain(), network.verifier(), network.hasher()));
  };
  reply(entries + 5);
  EXPECT_EQ(network.refused(), 1u);
  reply(0);
  EXPECT_EQ(network.refused(), 1u) << "the answer proper is taken";
  network.rounds(20);
  EXPECT_EQ(network.executed(0).size(), 1u);
}

/// One that claims to be appended in a round to come would hold up all behind it until then.
TEST(MedianServers, RefuseALogWithEntriesOfRoundsToCome) {
  MedianNetwork network(small(4));
  const Content known = network.command(1, 1);
  network.submit(0, known);
  network.round({1});  // so that server 1 has not answered yet
  const Round round = network.now() - 1;
  const auto reply = [&](Round stamp) {
    const Named name{known.command.client, known.command.number, known.command.digest};
    const Message message = LogReply{.round = round, .entries = {{name, stamp}}};
    network.feed(
        0, *validate(message, ReplicaId{1}, network.chain(), network.verifier(), network.hasher()));
  };
  reply(round + 1'000'000);
  EXPECT_EQ(network.refused(), 1u);
  reply(round);
  EXPECT_EQ(network.refused(), 1u) << "the answer proper is taken";
  network.rounds(20);
  EXPECT_EQ(network.executed(0).size(), 1u);
}

// A (client, number) that two commands claim: at most one executes, on all or on none.
TEST(MedianServers, LetNoClientExecuteTwoCommandsOfOneNumber) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    MedianNetwork network(small(4), seed);
    sim::KeyRing ring;
    const sim::SymbolicSigner signer(ring, 1'000'000);
    for (std::uint32_t i = 0; i < 2; ++i) {
      const std::vector<Bytes> commands{Bytes{static_cast<std::uint8_t>(i)}};
      auto request = std::make_shared<const Bytes>(
          make_request(network.chain().chain_id, signer, 1, commands));
      network.submit(i, *read_content(request, network.chain().limits, network.hasher()));
    }
    network.rounds(30);
    EXPECT_TRUE(network.agree());
    EXPECT_EQ(network.executed(0).size(), 1u) << seed;
    EXPECT_EQ(network.server(0).final()->chains.clients(), 1u);
  }
}

/// What a client may send in a burst is more than what one message may hold.
TEST(MedianServers, SpreadLargeCommandsInMessagesOfABoundedSize) {
  MedianNetwork network(small(4));
  sim::KeyRing ring;
  std::vector<Content> commands;
  for (std::uint32_t client = 0; client < 250; ++client) {
    const sim::SymbolicSigner signer(ring, 1'000'000 + client);
    const std::vector<Bytes> one{Bytes(50'000, static_cast<std::uint8_t>(client))};
    auto request =
        std::make_shared<const Bytes>(make_request(network.chain().chain_id, signer, 1, one));
    commands.push_back(*read_content(request, network.chain().limits, network.hasher()));
  }
  const std::set<std::uint32_t> away{3};
  for (std::uint32_t copy = 0; copy < 3; ++copy) {
    for (const Content& content : commands) network.submit(0, content);
    network.rounds(20, away);
  }
  EXPECT_TRUE(network.executed(1).size() == commands.size());
  network.rounds(30);
  EXPECT_TRUE(network.all_executed(commands));
  EXPECT_TRUE(network.state_needed(3).empty()) << "entries by themselves were enough";
  EXPECT_GT(network.most_bytes(), 1u << 20);
  EXPECT_LE(network.most_bytes(), kRequestBytesMax);
}

}  // namespace
}  // namespace waggle::median
