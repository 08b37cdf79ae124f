// What a host tells of itself, fact by fact; explain_test.cpp has the sentences.
#include "tests/unit/replica/one_host.hpp"

namespace waggle::smr {
namespace {

class HostFacts : public OneHost {
 protected:
  explicit HostFacts(const With& with = {}) : OneHost(with) {
    host_.start();
    for (std::uint32_t peer = 1; peer < 4; ++peer) host_.on_peer_connected(ReplicaId{peer});
    environment_.finish_writes();
  }
  void seconds(int count) {
    for (int i = 0; i < count; ++i) host_.on_timer(kReportTimer);
  }
  std::vector<std::string> codes() const {
    std::vector<std::string> codes;
    for (const Finding& one : explain(host_.facts())) codes.push_back(one.code);
    return codes;
  }
  using Codes = std::vector<std::string>;
};

TEST_F(HostFacts, AtRest) {
  EXPECT_EQ(codes(), Codes{"idle"});
  const Facts facts = host_.facts();
  EXPECT_EQ(facts.n, 4U);
  EXPECT_EQ(facts.quorum, 3U);
  EXPECT_EQ(facts.view, View{1});
  EXPECT_EQ(facts.leader, ReplicaId{3});
}

TEST_F(HostFacts, WhoIsNotConnectedAndWhoIsSilent) {
  host_.on_peer_disconnected(ReplicaId{2});
  EXPECT_EQ(host_.facts().unreached, std::vector{ReplicaId{2}});
  seconds(3);
  EXPECT_TRUE(host_.facts().silent.empty());
  deliver(1, chained::Heartbeat{chain_.genesis->qc});
  seconds(1);
  EXPECT_EQ(host_.facts().silent, std::vector{ReplicaId{3}});
  host_.on_peer_connected(ReplicaId{2});
  EXPECT_TRUE(host_.facts().unreached.empty());
}

TEST_F(HostFacts, ACommandThatWaits) {
  submit(0, 1);
  EXPECT_EQ(codes(), Codes{"committing"});
  seconds(3);
  const Facts facts = host_.facts();
  EXPECT_TRUE(facts.busy);
  EXPECT_EQ(facts.stalled_s, 2U);
  EXPECT_EQ(facts.mempool_requests, 1U);
  EXPECT_EQ(codes(), Codes{"view_stuck"});
}

TEST_F(HostFacts, WhoGaveUpOnTheView) {
  for (const std::uint32_t from : {2U, 1U}) {
    deliver(from, chained::TimeoutMessage{chain_.timeout(from, 1, chain_.genesis->tip())});
    environment_.finish_writes();
    // The second is the (f+1)-th: this replica gives up too, and its own is the quorum's last.
    if (from == 2) {
      EXPECT_EQ(host_.facts().gave_up, std::vector{ReplicaId{2}});
    }
  }
  EXPECT_EQ(host_.facts().view, View{2});
  EXPECT_TRUE(host_.facts().gave_up.empty()) << "on view 2 nobody has";
}

TEST_F(HostFacts, ADiskThatDoesNotConfirm) {
  deliver(3, chained::Proposal{chain_.block({1, chain_.genesis, chain_.genesis->qc})});
  ASSERT_FALSE(environment_.writes.empty()) << "the vote";
  seconds(3);
  EXPECT_EQ(host_.facts().syncing_s, 2U);
  environment_.finish_writes();
  seconds(1);
  EXPECT_EQ(host_.facts().syncing_s, 0U);
}

TEST_F(HostFacts, ABlockWithoutItsParent) {
  const BlockPtr b1 = chain_.block({1, chain_.genesis, chain_.genesis->qc});
  const BlockPtr b2 = chain_.block({2, b1, chain_.qc(*b1)});
  EXPECT_FALSE(host_.facts().fetching);
  deliver(3, chained::Proposal{b2});
  EXPECT_TRUE(host_.facts().fetching);
  deliver(3, chained::Proposal{b1});
  EXPECT_FALSE(host_.facts().fetching);
}

TEST_F(HostFacts, OthersThatAreAhead) {
  for (const std::uint32_t peer : {1U, 2U}) host_.on_report(ReplicaId{peer}, {Height{80}, {}});
  seconds(2);
  EXPECT_EQ(host_.facts().ahead, Height{80});
}

class SmallMempool : public HostFacts {
 protected:
  SmallMempool() : HostFacts({.mempool_requests = 1}) {}
};

TEST_F(SmallMempool, Full) {
  EXPECT_FALSE(host_.facts().mempool_full);
  submit(0, 1);
  EXPECT_TRUE(host_.facts().mempool_full);
  EXPECT_EQ(codes(), (Codes{"mempool_full", "committing"}));
}

class Rejoining : public HostFacts {
 protected:
  Rejoining() : HostFacts({.rejoin = true}) {}
  void report(std::uint32_t from, View bound) {
    const auto message =
        std::find_if(environment_.sent.begin(), environment_.sent.end(), [](const auto& sent) {
          return std::holds_alternative<chained::RejoinChallenge>(sent.second);
        });
    ASSERT_NE(message, environment_.sent.end());
    const auto& challenge = std::get<chained::RejoinChallenge>(message->second);
    const BlockPtr b1 = chain_.block({1, chain_.genesis, chain_.genesis->qc});
    const chained::ViewProof proof{chain_.qc(*b1)};
    deliver(from, chain_.signed_by(
                      from, chained::RejoinReport{
                                ReplicaId{from}, ReplicaId{0}, challenge.nonce, bound, proof, {}}));
  }
};

TEST_F(Rejoining, TellsWhatItWaitsFor) {
  ASSERT_TRUE(host_.facts().rejoin);
  EXPECT_EQ(host_.facts().rejoin->reports, 0U);
  EXPECT_EQ(codes(), Codes{"rejoin_reports"});
  report(1, View{2});
  report(2, View{1});
  EXPECT_EQ(host_.facts().rejoin->reports, 2U);
  report(3, View{1});
  EXPECT_EQ(codes(), Codes{"rejoin_waits"});
  EXPECT_EQ(host_.facts().rejoin->bound, View{3});
  EXPECT_EQ(host_.facts().rejoin->certified, View{0});
}

}  // namespace
}  // namespace waggle::smr
