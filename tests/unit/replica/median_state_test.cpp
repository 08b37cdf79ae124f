// A median server that fetches the state, because the entries that it lacks are gone.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/replica/median_cluster.hpp"

namespace waggle::smr {
namespace {

/// Somebody has told replica 3 that its entries are not kept any more.
void tell_that_entries_are_gone(MedianCluster& cluster) {
  const median::FinalReply nothing{.from = cluster.host(3).server().final()->length};
  const auto verified = median::validate(nothing, ReplicaId{0}, cluster.chain(), cluster.verifier(),
                                         cluster.hasher());
  cluster.host(3).on_message(*verified);
}

/// Replica 3 knows the first command only, the others ten more of several clients.
void leave_replica_3_behind(MedianCluster& cluster) {
  cluster.submit(0, 7, cluster.put(1, 1, "first"));
  cluster.rounds(12);
  cluster.member(3).cut_off = true;
  for (std::uint64_t number = 1; number <= 2; ++number) {
    for (std::uint32_t client = 2; client < 7; ++client) {
      cluster.submit(client % 3, 7, cluster.put(client, number, std::to_string(number)));
    }
    cluster.rounds(12);
  }
  cluster.member(3).cut_off = false;
  ASSERT_EQ(cluster.host(0).executed().height, Height{11});
  ASSERT_EQ(cluster.host(3).executed().height, Height{1});
}

TEST(MedianState, FetchesTheStateWhenItsEntriesAreGone) {
  MedianCluster cluster(4);
  leave_replica_3_behind(cluster);
  tell_that_entries_are_gone(cluster);
  const auto said = codes(cluster.host(3));
  EXPECT_NE(std::find(said.begin(), said.end(), "state_transfer"), said.end());
  cluster.settle();
  EXPECT_EQ(cluster.host(3).executed().height, Height{11});
  EXPECT_EQ(cluster.host(3).executed().digest, cluster.host(0).executed().digest);
  EXPECT_EQ(cluster.host(3).server().final()->length, 11u);
  EXPECT_EQ(cluster.value(3, 1), "first");
  EXPECT_EQ(cluster.value(3, 6), "2");
  // It has the results, and goes on like any other.
  cluster.submit(3, 8, cluster.put(6, 2, "2"));
  EXPECT_EQ(cluster.take<Committed>(3, 8).size(), 1u);
  cluster.member(0).cut_off = true;
  cluster.submit(3, 8, cluster.put(6, 3, "3"));
  cluster.rounds(12);
  EXPECT_EQ(cluster.take<Committed>(3, 8).size(), 1u);
  EXPECT_EQ(cluster.value(1, 6), "3");
}

TEST(MedianState, ACrashAfterAStateWasInstalledLosesNothing) {
  MedianCluster cluster(4);
  leave_replica_3_behind(cluster);
  cluster.member(3).writes_held = true;
  tell_that_entries_are_gone(cluster);
  cluster.settle();
  EXPECT_EQ(cluster.value(3, 6), "2");
  cluster.crash(3);
  cluster.member(3).writes_held = false;
  cluster.start(3);
  cluster.settle();
  EXPECT_EQ(cluster.host(3).server().final()->length, 11u);
  cluster.submit(0, 8, cluster.put(6, 3, "3"));
  cluster.rounds(12);
  EXPECT_EQ(cluster.value(3, 6), "3");
  cluster.crash(3);
  cluster.start(3);
  cluster.settle();
  EXPECT_EQ(cluster.host(3).executed().digest, cluster.host(0).executed().digest);
}

TEST(MedianState, AStateWithABitChangedIsRefused) {
  MedianCluster cluster(4);
  leave_replica_3_behind(cluster);
  const Bytes good = **cluster.member(0).executor->state(cluster.host(0).server().final());
  const auto accepts = [&](const Bytes& bytes) {
    app::KvStore machine;
    storage::MemoryStorage empty;
    auto executor = SealedExecutor::open(empty, machine, cluster.hasher());
    const auto answer = executor->install(bytes, cluster.chain(), cluster.verifier());
    EXPECT_TRUE(answer) << "no fault of the disk";
    EXPECT_EQ(answer->has_value(), executor->position().height == Height{11});
    return answer->has_value();
  };
  ASSERT_TRUE(accepts(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
    EXPECT_FALSE(accepts(bad)) << at;
  }
  for (std::size_t size = 0; size < good.size(); size += 13) {
    EXPECT_FALSE(accepts(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))));
  }
}

/// With a digest over the whole that fits, so that only the seal and the digests inside are left.
TEST(MedianState, AStateThatItsSealDoesNotHoldIsRefused) {
  MedianCluster cluster(4);
  leave_replica_3_behind(cluster);
  const Bytes good = **cluster.member(0).executor->state(cluster.host(0).server().final());
  const auto refusal_of = [&](std::size_t at) {
    Bytes bad(good.begin(), good.end() - Digest::kSize);
    bad[at] ^= 1;
    const Digest digest = cluster.hasher().hash({domain::kSealedState, bad});
    bad.insert(bad.end(), digest.bytes.begin(), digest.bytes.end());
    app::KvStore machine;
    storage::MemoryStorage empty;
    auto executor = SealedExecutor::open(empty, machine, cluster.hasher());
    const auto answer = executor->install(bad, cluster.chain(), cluster.verifier());
    EXPECT_TRUE(answer && !answer->has_value()) << at;
    return answer->has_value() ? std::nullopt : std::optional(answer->error());
  };
  Reader reader(good);
  const std::size_t position = 4 + reader.sized().size();
  const std::size_t final = 4 + reader.sized().size();
  const std::size_t signature = position + final - 1;  // the last byte of the last COMMIT
  EXPECT_EQ(refusal_of(signature), Refusal::kBadCertificate);
  EXPECT_EQ(refusal_of(position + 4), Refusal::kBadCertificate) << "the sequence's digest";
  EXPECT_EQ(refusal_of(4 + 100), Refusal::kBadCertificate) << "the digest that is compared";
  EXPECT_EQ(refusal_of(4), Refusal::kMalformed) << "the number of entries";
}

TEST(MedianState, AStateThatDoesNotHoldIsAskedOfTheNextOne) {
  MedianCluster cluster(4);
  leave_replica_3_behind(cluster);
  tell_that_entries_are_gone(cluster);
  Bytes bad = **cluster.member(0).executor->state(cluster.host(0).server().final());
  bad.back() ^= 1;
  cluster.host(3).on_state_chunk(ReplicaId{0}, {11, bad.size(), 0, bad});
  cluster.settle();
  const auto& lines = cluster.environment(3).lines;
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("event=state_refused from=0");
  }));
  EXPECT_EQ(cluster.host(3).executed().height, Height{11}) << "from another one";
  EXPECT_EQ(cluster.value(3, 6), "2");
}

}  // namespace
}  // namespace waggle::smr
