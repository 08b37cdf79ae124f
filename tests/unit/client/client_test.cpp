#include "smr/client/client.hpp"

#include <atomic>
#include <filesystem>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/client/loopback_cluster.hpp"

namespace waggle::client {
namespace {

using namespace std::chrono_literals;
using testing_support::LoopbackCluster;
using Mood = LoopbackCluster::Mood;

std::unique_ptr<Client> open(const ClientOptions& options) {
  auto opened = Client::open(options);
  EXPECT_TRUE(opened) << opened.error();
  return std::move(*opened);
}

std::string result_of(const Outcome& outcome) {
  const auto* committed = std::get_if<Committed>(&outcome);
  return committed == nullptr ? "outcome " + std::to_string(outcome.index())
                              : std::string(as_text(committed->result));
}

TEST(Client, ExecutesOverTls) {
  LoopbackCluster cluster;
  const auto client = open(cluster.options());
  const Outcome outcome = client->execute(to_bytes("a"), 10s);
  EXPECT_EQ(result_of(outcome), "ra");
  EXPECT_EQ(std::get<Committed>(outcome).replies, 2u);
}

TEST(Client, ABatchStandsInOneBlock) {
  LoopbackCluster cluster;
  const auto client = open(cluster.options());
  const auto outcomes = client->execute_group({to_bytes("a"), to_bytes("b"), to_bytes("c")}, 10s);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(result_of(outcomes[2]), "rc");
  EXPECT_EQ(std::get<Committed>(outcomes[0]).height, std::get<Committed>(outcomes[2]).height);
}

TEST(Client, BelievesNeitherALiarNorNeedsTheDead) {
  LoopbackCluster cluster(7);
  cluster.set_mood(0, Mood::kLiar);
  cluster.kill(1);
  const auto client = open(cluster.options());
  for (int i = 0; i < 20; ++i) {
    const std::string command = std::to_string(i);
    EXPECT_EQ(result_of(client->execute(to_bytes(command), 10s)), "r" + command);
  }
}

TEST(Client, LivesThroughTheDeathOfOneAfterTheOther) {
  LoopbackCluster cluster;
  const auto client = open(cluster.options());
  for (std::uint32_t round = 0; round < 4; ++round) {
    cluster.kill(round);
    EXPECT_EQ(result_of(client->execute(to_bytes(std::to_string(round)), 10s)),
              "r" + std::to_string(round));
    cluster.restart(round);
  }
}

TEST(Client, TheDeadlineHoldsAndTheSameNumberIsAskedOn) {
  LoopbackCluster cluster;
  const auto client = open(cluster.options());
  client->execute(to_bytes("warm-up"), 10s);
  cluster.set_ordering(false);
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = client->execute(to_bytes("a"), 300ms);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
  ASSERT_TRUE(std::holds_alternative<Unknown>(outcome));
  cluster.set_ordering(true);
  EXPECT_EQ(result_of(client->resume(std::get<Unknown>(outcome).number, 10s)), "ra");
  EXPECT_EQ(cluster.executed(), (std::vector<std::string>{"warm-up", "a"}));
}

TEST(Client, WithoutAClusterNothingIsSent) {
  LoopbackCluster cluster;
  for (std::uint32_t i = 0; i < 4; ++i) cluster.kill(i);
  const auto client = open(cluster.options());
  const Outcome outcome = client->execute(to_bytes("a"), 500ms);
  ASSERT_TRUE(std::holds_alternative<NotSent>(outcome));
  EXPECT_TRUE(std::get<NotSent>(outcome).why.starts_with("0 of 4 replicas reachable"));
  EXPECT_NE(client->connection_error(ReplicaId{2}), "");
}

TEST(Client, ManyThreadsShareOneClient) {
  LoopbackCluster cluster;
  ClientOptions options = cluster.options();
  options.batching.queue_commands_max = 256;  // So that submit() has to wait.
  const auto client = open(options);
  std::atomic<int> committed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        client->submit(to_bytes(std::to_string(t) + "." + std::to_string(i)), 60s,
                       [&](const Outcome& outcome) {
                         if (std::holds_alternative<Committed>(outcome)) ++committed;
                       });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(result_of(client->execute(to_bytes("last"), 60s)), "rlast");
  while (committed < 2000) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(cluster.executed().size(), 2001u);
}

TEST(Client, ClosingReportsWhatIsOpenOnce) {
  LoopbackCluster cluster;
  int unknown = 0;
  int not_sent = 0;
  {
    auto client = open(cluster.options());
    client->execute(to_bytes("warm-up"), 10s);
    cluster.set_ordering(false);
    const auto count = [&](const Outcome& outcome) {
      unknown += std::holds_alternative<Unknown>(outcome);
      not_sent += std::holds_alternative<NotSent>(outcome);
    };
    for (int i = 0; i < 20; ++i) client->submit(to_bytes(std::to_string(i)), 60s, count);
  }
  EXPECT_EQ(unknown + not_sent, 20);
  EXPECT_GE(unknown, 1);
}

TEST(Client, NumbersSurviveARestart) {
  const TempFolder folder;
  LoopbackCluster cluster;
  ClientOptions options = cluster.options();
  options.number_file = folder / "numbers";
  options.key_is_new = false;
  std::uint64_t number = 0;
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = open(options)->execute(to_bytes("a" + std::to_string(i)), 10s);
    ASSERT_EQ(result_of(outcome), "ra" + std::to_string(i));
    const std::uint64_t previous = number;
    number = std::get<Committed>(outcome).number;
    if (i == 0) continue;
    EXPECT_EQ(number, previous + 1);
  }
  const auto first = open(options);
  EXPECT_FALSE(Client::open(options)) << "one key, one process";
}

TEST(Client, RefusesGroupsThatCannotBeSent) {
  LoopbackCluster cluster;
  const auto client = open(cluster.options());
  std::string detail;
  const auto reason = [&](std::vector<Bytes> commands) {
    const auto outcomes = client->execute_group(std::move(commands), 1s);
    const auto& rejected = std::get<Rejected>(outcomes.at(0));
    detail = rejected.detail;
    return rejected.reason;
  };
  EXPECT_EQ(reason(std::vector<Bytes>(client->group_max() + 1)), Refusal::kTooLarge);
  EXPECT_EQ(detail, "257 commands in a group, and 256 is the most");
  EXPECT_EQ(reason({Bytes((64 << 10) + 1)}), Refusal::kTooLarge);
  EXPECT_EQ(detail,
            "65537 bytes in a command, and limits.command_bytes_max of the genesis file is 65536");
  EXPECT_EQ(reason(std::vector<Bytes>(5, Bytes(60 << 10))), Refusal::kTooLarge);
  EXPECT_FALSE(client->fits({}));
  EXPECT_FALSE(client->fits(std::vector<Bytes>(5, Bytes(60 << 10))));
  EXPECT_TRUE(client->fits(std::vector<Bytes>(4, Bytes(60 << 10))));
}

TEST(Client, AsksSingleReplicas) {
  LoopbackCluster cluster;
  ClientOptions options = cluster.options();
  options.key = nullptr;
  const auto client = open(options);
  const auto read = client->local_read(ReplicaId{2}, to_bytes("q"), 10s).get();
  ASSERT_TRUE(read);
  EXPECT_EQ(as_text(read->result), "q");
  const auto status = client->status(ReplicaId{3}, 10s).get();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->replica, ReplicaId{3});
  EXPECT_TRUE(std::holds_alternative<NotSent>(client->execute(to_bytes("a"), 1s))) << "no key";
}

TEST(Client, ASilentOrLyingReplicaGivesNoStatus) {
  LoopbackCluster cluster;
  cluster.set_mood(0, Mood::kSilent);
  cluster.set_mood(1, Mood::kLiar);  // It says that it is another one.
  const auto client = open(cluster.options());
  EXPECT_FALSE(client->status(ReplicaId{0}, 200ms).get());
  EXPECT_FALSE(client->status(ReplicaId{1}, 200ms).get());
}

TEST(Client, PinsTheReplicasKey) {
  LoopbackCluster cluster;
  ClientOptions options = cluster.options();
  for (auto& replica : options.replicas) replica.tls_key.bytes[0] ^= 1;
  const auto client = open(options);
  EXPECT_TRUE(std::holds_alternative<NotSent>(client->execute(to_bytes("a"), 1s)));
  EXPECT_TRUE(cluster.executed().empty());
}

}  // namespace
}  // namespace waggle::client
