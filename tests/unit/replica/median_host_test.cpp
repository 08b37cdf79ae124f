// A median server in its host: barriers, clients, restarts.
#include <algorithm>

#include <gtest/gtest.h>

#include "smr/app/kv_command.hpp"
#include "smr/certificate/client_chains.hpp"
#include "tests/unit/replica/median_cluster.hpp"

namespace waggle::smr {
namespace {

bool broadcast_a_pre(const FakeEnvironment& environment) {
  const auto& sent = environment.median_broadcast;
  return std::any_of(sent.begin(), sent.end(), [](const median::Message& message) {
    return median::kind_of(message).find("pre") != std::string_view::npos;
  });
}

using Codes = std::vector<std::string>;

TEST(MedianHost, ExecutesAndAnswersWhatIsSealed) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.rounds(12);
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(cluster.value(i, 1), "a");
    EXPECT_EQ(cluster.host(i).executed().height, Height{1});
    EXPECT_EQ(cluster.host(i).executed().digest, cluster.host(0).executed().digest);
  }
  const auto answers = cluster.take<Committed>(0, 7);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].client, cluster.client(1));
  EXPECT_EQ(answers[0].height, Height{1});
  EXPECT_EQ(answers[0].block, cluster.host(0).server().final()->seal->root());
  ASSERT_EQ(answers[0].results.size(), 1u);
  EXPECT_EQ(answers[0].results[0].number, 1u);
  EXPECT_TRUE(cluster.take<Committed>(1, 7).empty()) << "only who was asked answers";
  EXPECT_EQ(codes(cluster.host(0)), Codes{"idle"});
}

TEST(MedianHost, SignsNothingThatLeavesBeforeItIsDurable) {
  MedianCluster cluster(1);
  cluster.member(0).writes_held = true;
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  FakeEnvironment& environment = cluster.environment(0);
  for (int i = 0; i < 20 && environment.writes.empty(); ++i) {
    cluster.host(0).on_round(static_cast<median::Round>(i));
  }
  ASSERT_FALSE(environment.writes.empty());
  EXPECT_FALSE(broadcast_a_pre(environment));
  environment.finish_writes();
  EXPECT_TRUE(broadcast_a_pre(environment));
}

TEST(MedianHost, ExecutesOnlyWhatIsDurablySealed) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.member(0).writes_held = true;
  cluster.rounds(20);
  EXPECT_EQ(cluster.value(1, 1), "a") << "the others are a majority";
  EXPECT_EQ(cluster.value(0, 1), "");
  EXPECT_TRUE(cluster.take<Committed>(0, 7).empty());
  cluster.member(0).writes_held = false;
  cluster.settle();
  EXPECT_EQ(cluster.value(0, 1), "a");
  EXPECT_EQ(cluster.take<Committed>(0, 7).size(), 1u);
}

TEST(MedianHost, TakesInAWindowOfCommandsAtATimeAndLosesNone) {
  constexpr std::uint32_t kClients = 3 * Admission::kWindowStart;
  MedianCluster cluster(4);
  for (std::uint32_t client = 0; client < kClients; ++client) {
    cluster.submit(0, client, cluster.put(client, 1, "a"));
    EXPECT_LE(cluster.host(0).server().pending(), Admission::kWindowStart);
  }
  EXPECT_EQ(cluster.host(0).status().mempool_requests, kClients);
  cluster.rounds(60);
  for (std::uint32_t client = 0; client < kClients; ++client) {
    EXPECT_EQ(cluster.take<Committed>(0, client).size(), 1u) << client;
  }
  EXPECT_EQ(cluster.host(0).status().mempool_requests, 0u);
}

TEST(MedianHost, AnswersARetryAsTheFirstTime) {
  MedianCluster cluster(4);
  const VerifiedRequest first = cluster.put(1, 1, "a");
  cluster.submit(0, 7, first);
  cluster.submit(0, 7, first);
  cluster.rounds(12);
  const auto answers = cluster.take<Committed>(0, 7);
  ASSERT_EQ(answers.size(), 1u) << "it waited once";
  cluster.submit(2, 8, first);
  const auto again = cluster.take<Committed>(2, 8);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].height, answers[0].height);
  EXPECT_EQ(again[0].results, answers[0].results);
  // Only the last result of a lane is kept.
  cluster.submit(0, 7, cluster.put(1, 2, "b"));
  cluster.rounds(12);
  cluster.submit(2, 8, first);
  const auto old = cluster.take<Rejected>(2, 8);
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0].reason, Refusal::kNumberOld);
  EXPECT_EQ(cluster.value(2, 1), "b") << "nothing was executed twice";
}

TEST(MedianHost, ForgetsWhoWasAwayForLongest) {
  MedianCluster cluster(4, 2, 4, 2);
  for (std::uint32_t client = 1; client <= 3; ++client) {
    cluster.submit(0, 7, cluster.put(client, client == 3 ? 2 : 1, "a"));
    cluster.rounds(12);
  }
  EXPECT_EQ(cluster.value(1, 3), "") << "2 is not its next number: nobody was forgotten yet";
  cluster.submit(0, 7, cluster.put(3, 1, "a"));
  cluster.rounds(12);
  EXPECT_EQ(cluster.value(1, 3), "a");
  cluster.take<Rejected>(0, 7);
  cluster.submit(0, 7, cluster.put(1, 1, "again"));
  const auto told = cluster.take<Rejected>(0, 7);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reason, Refusal::kNumberOld) << "executed, and its result is not known";
  cluster.host(0).on_session_query({7}, {cluster.client(1), 0});
  EXPECT_EQ(cluster.take<SessionInfo>(0, 7).at(0).next, 2u);
  cluster.submit(0, 7, cluster.put(1, 2, "again"));
  cluster.rounds(12);
  EXPECT_EQ(cluster.value(2, 1), "again");
}

TEST(MedianHost, RefusesWhatTheRuleHasNoPlaceFor) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 2, "a"));
  cluster.submit(0, 7, cluster.put(1, 0x0005'0000'0000'0000, "a"));
  const sim::SymbolicHasher hasher;
  sim::KeyRing ring;
  const sim::SymbolicSigner signer(ring, 1'000'001);
  const std::vector<Bytes> two{to_bytes("a"), to_bytes("b")};
  const auto bytes =
      std::make_shared<const Bytes>(make_request(cluster.chain().chain_id, signer, 1, two));
  cluster.submit(0, 7, check_request(bytes, cluster.chain(), cluster.verifier()).value());
  const auto refused = cluster.take<Rejected>(0, 7);
  ASSERT_EQ(refused.size(), 3u);
  EXPECT_EQ(refused[0].reason, Refusal::kNumberTooFar);
  EXPECT_EQ(refused[0].first, 2u);
  EXPECT_EQ(refused[1].reason, Refusal::kNumberOld);
  EXPECT_EQ(refused[2].reason, Refusal::kTooMany);
  EXPECT_FALSE(refused[2].detail.empty());
  cluster.rounds(12);
  EXPECT_EQ(cluster.host(0).executed().height, Height{0});
}

TEST(MedianHost, AcknowledgesWithWhatMakesACertificate) {
  MedianCluster cluster(4);
  certificate::ClientChains chains(cluster.client(1));
  const auto acknowledge = [&](std::uint32_t server, std::uint64_t number) {
    const auto answers = cluster.take<Committed>(server, 7);
    ASSERT_EQ(answers.size(), 1u);
    Reader reader(answers[0].acknowledgement);
    const auto taken = certificate::decode_acknowledgement(reader);
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(taken.newest.position + 1, answers[0].height.value);
    const VerifiedRequest request = cluster.put(1, number, std::to_string(number));
    const Digest leaf =
        median::command_of(*request.bytes, request.request, cluster.hasher())->digest;
    EXPECT_TRUE(chains.acknowledge(taken, leaf, cluster.hasher()));
  };
  for (std::uint64_t number = 1; number <= 5; ++number) {
    cluster.submit(0, 7, cluster.put(1, number, std::to_string(number)));
    for (std::uint32_t other = 2; other < 5; ++other) {
      cluster.submit(1, 9, cluster.put(other, number, "x"));
    }
    cluster.rounds(12);
    acknowledge(0, number);
  }
  // A retry is told the same.
  cluster.submit(2, 7, cluster.put(1, 5, "5"));
  acknowledge(2, 5);
  for (std::uint64_t number = 1; number <= 5; ++number) {
    const VerifiedRequest request = cluster.put(1, number, std::to_string(number));
    const ByteView command = commands_of(*request.bytes).front().bytes;
    const auto certificate = chains.certificate(number, Bytes(command.begin(), command.end()));
    ASSERT_TRUE(certificate) << number;
    for (std::uint32_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(cluster.host(i).server().final()->chains.verify(*certificate, cluster.hasher()));
    }
  }
}

/// A server may learn of a seal later than the client, who goes on elsewhere and here.
TEST(MedianHost, HoldsACommandWhosePredecessorIsUnderWay) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.submit(0, 7, cluster.put(1, 2, "b"));
  EXPECT_TRUE(cluster.take<Rejected>(0, 7).empty());
  cluster.rounds(24);
  EXPECT_EQ(cluster.take<Committed>(0, 7).size(), 2u);
  EXPECT_EQ(cluster.value(3, 1), "b");
}

TEST(MedianHost, ServesLanesSideBySide) {
  MedianCluster cluster(4);
  for (std::uint16_t lane = 0; lane < 5; ++lane) {
    cluster.submit(0, 7, cluster.put(1, median::lane_number(lane, 1), std::to_string(lane)));
  }
  cluster.rounds(12);
  const auto answers = cluster.take<Committed>(0, 7);
  ASSERT_EQ(answers.size(), 5u);
  for (const Committed& answer : answers) EXPECT_EQ(answer.client, cluster.client(1));
  cluster.host(0).on_session_query({7}, {cluster.client(1), 4});
  cluster.host(0).on_session_query({7}, {cluster.client(1), 5});
  const auto sessions = cluster.take<SessionInfo>(0, 7);
  ASSERT_EQ(sessions.size(), 2u);
  EXPECT_EQ(sessions[0].next, median::lane_number(4, 2));
  EXPECT_EQ(sessions[0].lane, 4u);
  EXPECT_EQ(sessions[1].next, median::lane_number(5, 1));
}

TEST(MedianHost, SaysThatANumberWasTakenByTwoCommands) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.submit(1, 8, cluster.put(1, 1, "b"));
  cluster.rounds(20);
  EXPECT_EQ(cluster.host(0).executed().height, Height{1});
  EXPECT_EQ(cluster.value(0, 1), "");
  for (const auto& [server, connection] : {std::pair{0u, 7u}, {1u, 8u}}) {
    const auto told = cluster.take<Rejected>(server, connection);
    ASSERT_EQ(told.size(), 1u) << server;
    EXPECT_EQ(told[0].reason, Refusal::kNumberTaken);
    EXPECT_EQ(told[0].client, cluster.client(1));
    EXPECT_EQ(told[0].first, 1u);
  }
  // And says it again to who asks again; the next number is free.
  cluster.submit(2, 9, cluster.put(1, 1, "a"));
  EXPECT_EQ(cluster.take<Rejected>(2, 9).size(), 1u);
  cluster.submit(2, 9, cluster.put(1, 2, "c"));
  cluster.rounds(12);
  EXPECT_EQ(cluster.value(2, 1), "c");
}

TEST(MedianHost, ExecutesAgainWhatACrashTook) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.rounds(12);
  cluster.member(0).execution_held = true;
  cluster.submit(0, 7, cluster.put(1, 2, "b"));
  cluster.rounds(12);
  cluster.submit(1, 7, cluster.put(2, 1, "x"));
  cluster.rounds(12);
  EXPECT_EQ(cluster.value(0, 1), "a");
  cluster.crash(0);
  cluster.member(0).execution_held = false;
  cluster.start(0);
  cluster.settle();
  EXPECT_EQ(cluster.value(0, 1), "b");
  EXPECT_EQ(cluster.value(0, 2), "x");
  EXPECT_EQ(cluster.host(0).executed().digest, cluster.host(1).executed().digest);
  cluster.submit(0, 9, cluster.put(1, 2, "b"));
  EXPECT_EQ(cluster.take<Committed>(0, 9).size(), 1u);
}

TEST(MedianHost, AllCrashAndNothingThatWasAnsweredIsLost) {
  MedianCluster cluster(4);
  for (std::uint64_t number = 1; number <= 5; ++number) {
    cluster.submit(number % 4, 7, cluster.put(1, number, std::to_string(number)));
    cluster.rounds(12);
    for (std::uint32_t i = 0; i < 4; ++i) cluster.crash(i);
    for (std::uint32_t i = 0; i < 4; ++i) cluster.start(i);
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(cluster.value(i, 1), std::to_string(number));
  }
}

/// What was sealed at once executes in parts; a part is as whole as a run for who restarts.
TEST(MedianHost, ACrashInTheMiddleOfARunLosesNothing) {
  MedianCluster cluster(3);
  cluster.member(0).execution_held = true;
  for (std::uint32_t client = 0; client < 200; ++client) {
    cluster.submit(client % 3, 7, cluster.put(client, 1, std::to_string(client)));
  }
  cluster.rounds(60);
  auto& jobs = cluster.environment(0).sealed_jobs;
  ASSERT_GT(jobs.size(), 1u);
  const auto [job, done] = std::move(jobs.front());
  jobs.pop_front();
  ASSERT_TRUE(job(*cluster.member(0).executor));
  done();
  const std::uint64_t executed = cluster.host(0).executed().height.value;
  EXPECT_LE(executed, 64u);
  EXPECT_LT(executed, cluster.host(0).server().final()->length);
  cluster.crash(0);
  cluster.member(0).execution_held = false;
  cluster.start(0);
  cluster.settle();
  EXPECT_EQ(cluster.host(0).executed().height, Height{200});
  EXPECT_EQ(cluster.host(0).executed().digest, cluster.host(1).executed().digest);
  for (std::uint32_t client = 0; client < 200; ++client) {
    EXPECT_EQ(cluster.value(0, client), std::to_string(client));
  }
}

/// Who has the state that others lack is not there when nobody has it: so servers take in no more
/// than they keep for their state machines.
TEST(MedianHost, AllLagAndCrashAndExecuteAgain) {
  constexpr std::uint32_t kClients = 900;
  MedianCluster cluster(3);
  const auto each = [](const auto& act) {
    for (std::uint32_t i = 0; i < 3; ++i) act(i);
  };
  each([&](std::uint32_t i) { cluster.member(i).execution_held = true; });
  std::vector<std::uint64_t> numbers(kClients);
  std::uint64_t before = 0;
  std::uint64_t sealed = 0;
  do {
    before = sealed;
    for (int rounds = 0; rounds < 20; ++rounds) {
      const median::FinalPtr& final = cluster.host(0).server().final();
      for (std::uint32_t client = 0; client < kClients; ++client) {
        std::uint64_t& number = numbers[client];
        if (number > 0 && final->number(cluster.client(client)) < number) continue;
        ++number;
        cluster.submit(client % 3, 7, cluster.put(client, number, std::to_string(number)));
      }
      cluster.round();
    }
    sealed = cluster.host(0).server().final()->length;
  } while (sealed > before && sealed <= median::kSealedKept);
  EXPECT_GT(sealed, median::kSealedKept - median::kLogEntriesMax);
  EXPECT_LE(sealed, median::kSealedKept);
  EXPECT_EQ(cluster.host(0).executed().height, Height{0});
  each([&](std::uint32_t i) { cluster.crash(i); });
  each([&](std::uint32_t i) { cluster.member(i).execution_held = false; });
  each([&](std::uint32_t i) { cluster.start(i); });
  cluster.settle();
  each([&](std::uint32_t i) { EXPECT_EQ(cluster.host(i).executed().height, Height{sealed}); });
  cluster.submit(1, 8, cluster.put(kClients, 1, "more"));
  cluster.rounds(40);
  each([&](std::uint32_t i) { EXPECT_EQ(cluster.value(i, kClients), "more"); });
}

TEST(MedianHost, ALostDiskRejoinsAndCatchesUp) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.rounds(12);
  cluster.wipe(3);
  cluster.start(3, true);
  EXPECT_EQ(cluster.host(3).status().phase, "rejoining");
  cluster.rounds(30);
  EXPECT_EQ(cluster.host(3).status().phase, "active");
  EXPECT_EQ(cluster.value(3, 1), "a");
  cluster.member(0).cut_off = true;
  cluster.submit(1, 7, cluster.put(1, 2, "b"));
  cluster.rounds(20);
  EXPECT_EQ(cluster.value(3, 1), "b") << "it is one of the three that are needed";
}

TEST(MedianHost, SaysWhoseClockIsOff) {
  MedianCluster cluster(4);
  cluster.rounds(4);
  cluster.tick();
  EXPECT_EQ(codes(cluster.host(0)), Codes{"idle"});
  // Replica 3 lives five rounds behind, as the others see it.
  median::Round now = 100;
  const auto live = [&] {
    for (int i = 0; i < 10; ++i, ++now) {
      for (std::uint32_t server = 0; server < 4; ++server) {
        cluster.host(server).on_round(server == 3 ? now - 5 : now);
        cluster.settle();
      }
    }
    cluster.tick();
  };
  live();
  EXPECT_TRUE(cluster.host(0).facts().late.empty()) << "it may have slept for a moment";
  live();
  const auto said = codes(cluster.host(0));
  EXPECT_NE(std::find(said.begin(), said.end(), "clock_differs"), said.end());
  EXPECT_EQ(cluster.host(0).facts().late, std::vector<ReplicaId>{ReplicaId{3}});
  const auto own = codes(cluster.host(3));
  EXPECT_NE(std::find(own.begin(), own.end(), "clock_off"), own.end());
  const auto& lines = cluster.environment(0).lines;
  EXPECT_NE(
      std::find(lines.begin(), lines.end(), "event=clock_skew peer=3 its_messages_come=too_late"),
      lines.end());
}

TEST(MedianHost, StopsWhenAMajorityHasAnotherState) {
  MedianCluster cluster(4);
  cluster.submit(0, 7, cluster.put(1, 1, "a"));
  cluster.rounds(12);
  Digest wrong = cluster.host(0).executed().digest;
  wrong.bytes[0] ^= 1;
  for (const std::uint32_t peer : {1u, 2u}) {
    cluster.host(0).on_report(ReplicaId{peer}, {Height{1}, wrong});
  }
  EXPECT_EQ(cluster.environment(0).stopped, "");
  EXPECT_EQ(codes(cluster.host(0)).front(), "state_differs");
  cluster.host(0).on_report(ReplicaId{3}, {Height{1}, wrong});
  EXPECT_NE(cluster.environment(0).stopped.find("state: "), std::string::npos);
  EXPECT_EQ(cluster.host(0).status().phase, "stopped");
}

}  // namespace
}  // namespace waggle::smr
