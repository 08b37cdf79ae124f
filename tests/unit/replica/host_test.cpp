// What the world does not show of a host: how it ends, and what it does for others at once.
#include "smr/replica/host.hpp"

#include <algorithm>

#include "smr/certificate/verify.hpp"
#include "smr/replica/layout.hpp"
#include "smr/replica/result_rows.hpp"
#include "tests/unit/replica/one_host.hpp"

namespace waggle::smr {
namespace {

using chained::Message;
using storage::Family;

class HostTest : public OneHost {
 protected:
  HostTest() { host_.start(); }

  std::size_t branches_sent(std::uint32_t to) const {
    const auto is_branch = [&](const auto& sent) {
      return sent.first.value == to && std::holds_alternative<chained::Branch>(sent.second);
    };
    return static_cast<std::size_t>(
        std::count_if(environment_.sent.begin(), environment_.sent.end(), is_branch));
  }
  std::uint64_t refused(Refusal reason) const {
    return host_.counters().refused[static_cast<std::size_t>(reason)];
  }
  std::optional<Bytes> halted_marker() const {
    return environment_.storage.get(Family::kEvidence, as_bytes(layout::kHaltedKey)).value();
  }
};

TEST_F(HostTest, AHaltIsOnDiskBeforeTheReplicaStops) {
  const BlockPtr b1 = chain_.block({1, chain_.genesis, chain_.genesis->qc});
  const BlockPtr bad =
      chain_.changed(*b1, [](Block& block) { block.header.history_root.bytes[0] ^= 1; });
  deliver(3, chained::Proposal{bad});
  environment_.finish_writes();
  environment_.sent.clear();
  deliver(1, chained::Certificate{{chain_.qc(*bad)}});  // certified but invalid
  EXPECT_EQ(host_.status().phase, "stopped");
  EXPECT_EQ(environment_.stopped, "") << "not before the marker is durable";
  deliver(3, chained::Proposal{b1});
  environment_.finish_writes();
  EXPECT_NE(environment_.stopped.find("safety: "), std::string::npos) << environment_.stopped;
  EXPECT_TRUE(environment_.sent.empty()) << "a halted replica says nothing any more";
  const auto marker = halted_marker();
  ASSERT_TRUE(marker);
  EXPECT_EQ("safety: " + std::string(as_text(*marker)), environment_.stopped);
}

TEST_F(HostTest, AtMostFourAnswersPerPeerAreUnderWay) {
  const chained::BranchRequest request{chain_.genesis->id, Height{0}, 1};
  for (int i = 0; i < 7; ++i) deliver(1, request);
  EXPECT_EQ(environment_.reads.size(), 4U);
  EXPECT_EQ(refused(Refusal::kRateLimited), 3U);
  deliver(2, request);
  EXPECT_EQ(environment_.reads.size(), 5U) << "each peer has its own four";
  environment_.finish_reads();
  EXPECT_EQ(branches_sent(1), 4U);
  EXPECT_EQ(branches_sent(2), 1U);
  for (int i = 0; i < 7; ++i) deliver(1, request);
  environment_.finish_reads();
  EXPECT_EQ(branches_sent(1), 8U) << "and then the next ones";
}

TEST_F(HostTest, ARefusedRequestIsAnsweredByItsNumberWithTheReason) {
  const Bytes bytes = chain_.request(1, 5, {"a", "b"});
  host_.on_refused_request({7}, bytes, bytes.size(), Refusal::kBadSignature);
  const ByteView head = ByteView(bytes).first(kRequestHeadSize);
  host_.on_refused_request({7}, head, 300'000, Refusal::kTooLarge);
  host_.on_refused_request({7}, head.first(10), 10, Refusal::kMalformed);
  ASSERT_EQ(environment_.replies.size(), 3U);
  const auto answer = [&](std::size_t i) {
    EXPECT_EQ(environment_.replies[i].first.value, 7U);
    return std::get<Rejected>(environment_.replies[i].second);
  };
  EXPECT_EQ(answer(0).client, chain_.client(1).public_key());
  EXPECT_EQ(answer(0).first, 5U);
  EXPECT_EQ(answer(0).count, 2U);
  EXPECT_EQ(answer(0).reason, Refusal::kBadSignature);
  EXPECT_EQ(answer(0).detail, "");
  EXPECT_EQ(answer(1).first, 5U);
  EXPECT_EQ(answer(1).detail,
            "300000 bytes in a request, and limits.request_bytes_max of the genesis file is "
            "262144");
  EXPECT_EQ(answer(2).client, ClientId{}) << "nobody can tell whose it is";
  EXPECT_EQ(refused(Refusal::kBadSignature), 1U);
  EXPECT_EQ(refused(Refusal::kTooLarge), 1U);
  EXPECT_EQ(refused(Refusal::kMalformed), 1U);
}

TEST_F(HostTest, ARequestThatWaitsAlreadyIsADuplicateAndIsNotAnsweredTwice) {
  const auto submit = [&] {
    const auto bytes = std::make_shared<const Bytes>(chain_.request(1, 1, {"a"}));
    host_.on_request(ClientConnection{7}, *check_request(bytes, chain_.config, chain_.ring));
  };
  submit();
  EXPECT_EQ(refused(Refusal::kDuplicate), 0U);
  submit();
  EXPECT_EQ(refused(Refusal::kDuplicate), 1U);
  EXPECT_TRUE(environment_.replies.empty());
  EXPECT_EQ(host_.mempool().size(), 1U);
}

/// A block is executed, and the one above it certified: any replica can prove what is in it.
class ProvingHost : public HostTest {
 protected:
  ProvingHost() {
    const BlockPtr b1 = chain_.block({.view = 1,
                                      .parent = chain_.genesis,
                                      .qc = chain_.genesis->qc,
                                      .requests = {chain_.request(1, 1, {"a", "b"})}});
    const BlockPtr b2 = chain_.block({2, b1, chain_.qc(*b1)});
    for (const BlockPtr& block : {b1, b2}) deliver(3, chained::Proposal{block});
    deliver(3, chained::Certificate{{chain_.qc(*b2)}});
    environment_.finish_writes();
    storage::Batch executed;
    index_block(executed, *b1, std::vector<Decision>(2, Decision::kExecute), 2);
    EXPECT_TRUE(environment_.storage.write(executed, true));
  }
  void ask(std::uint64_t number) {
    host_.on_proof_query({7}, {chain_.client(1).public_key(), number});
  }
  std::vector<ProofResult> answers() {
    environment_.finish_reads();
    std::vector<ProofResult> results;
    for (const auto& [to, message] : std::exchange(environment_.replies, {})) {
      EXPECT_EQ(to.value, 7U);
      results.push_back(std::get<ProofResult>(message));
    }
    return results;
  }
};

TEST_F(ProvingHost, GivesAProofThatHolds) {
  ask(2);
  const auto given = answers();
  ASSERT_EQ(given.size(), 1U);
  ASSERT_TRUE(given[0].proof) << to_string(given[0].proof.error());
  const auto proven =
      certificate::verify(**given[0].proof, chain_.config, chain_.ring, chain_.hasher);
  ASSERT_TRUE(proven) << to_string(proven.error());
  EXPECT_EQ(proven->command, to_bytes("b"));
}

TEST_F(ProvingHost, SaysWhyItGivesNone) {
  ask(3);
  const auto given = answers();
  ASSERT_EQ(given.size(), 1U);
  ASSERT_FALSE(given[0].proof);
  EXPECT_EQ(given[0].proof.error(), ProofRefusal::kNotCommitted);
}

TEST_F(ProvingHost, MakesAtMostEightAtATime) {
  for (int i = 0; i < 10; ++i) ask(1);
  EXPECT_EQ(environment_.reads.size(), 8U);
  EXPECT_EQ(refused(Refusal::kRateLimited), 2U);
  const auto given = answers();
  ASSERT_EQ(given.size(), 10U);
  EXPECT_EQ(given[0].proof.error(), ProofRefusal::kBusy) << "at once";
  EXPECT_TRUE(given[9].proof);
  ask(1);
  EXPECT_TRUE(answers().at(0).proof) << "and then the next ones";
}

class RetriedHost : public ProvingHost {
 protected:
  RetriedHost() {
    storage::Batch batch;
    const Block block;
    ResultRows rows(block);
    rows.begin_request(chain_.client(1).public_key());
    for (const std::uint64_t number : {1U, 2U}) rows.add(number, to_bytes("done"));
    EXPECT_TRUE(rows.finish(environment_.storage, {}, batch));
    EXPECT_TRUE(environment_.storage.write(batch, true));
    environment_.replies.clear();
  }
  void retry(std::uint64_t connection) {
    const auto bytes = std::make_shared<const Bytes>(chain_.request(1, 1, {"a", "b"}));
    host_.on_request(ClientConnection{connection},
                     *check_request(bytes, chain_.config, chain_.ring));
  }
};

TEST_F(RetriedHost, ReadsTheResultsOfAtMostEightRetriesAtATime) {
  for (int i = 0; i < 12; ++i) retry(7);
  EXPECT_EQ(environment_.reads.size(), 8U);
  environment_.finish_reads();
  ASSERT_EQ(environment_.replies.size(), 12U) << "the others after them";
  EXPECT_EQ(std::get<Committed>(environment_.replies.back().second).results.size(), 2U);
  EXPECT_EQ(refused(Refusal::kRateLimited), 0U);
}

TEST_F(RetriedHost, AConnectionThatRetriesALotWaitsForItself) {
  for (int i = 0; i < 8 + 1024 + 5; ++i) retry(7);
  EXPECT_EQ(refused(Refusal::kRateLimited), 5U) << "of one connection 1,024 wait";
  retry(8);
  retry(9);
  host_.on_connection_closed({9});
  environment_.finish_reads();
  ASSERT_EQ(environment_.replies.size(), 8U + 1024U + 1U);
  EXPECT_EQ(environment_.replies.at(8).first.value, 8U) << "its turn is next";
}

}  // namespace
}  // namespace waggle::smr
