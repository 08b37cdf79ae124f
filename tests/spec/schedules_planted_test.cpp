// What else breaks a chain: certificates that are checked less, and memory that is not kept. With
// the guard on, the named step is refused; with it off, commits conflict.
#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

const std::vector<std::uint32_t> kZLeads(12, Script::kZ);

struct Certificates : Script {
  explicit Certificates(const CertificateGuards& without) : Script(kZLeads) {
    chain.config.certificate_guards = without;
  }
  BlockPtr opening(const std::string& command) {
    return block(1, chain.genesis, chain.genesis->qc, nullptr, {command});
  }
  bool accepts(const QcPtr& qc) { return chain.validate(Certificate{{qc}}, kZ).has_value(); }
  bool accepts(const TcPtr& tc) { return chain.validate(Certificate{{tc}}, kZ).has_value(); }
};

TEST(ScheduleDuplicateSigner, IsRefused) {
  Certificates script({});
  const BlockPtr b1 = script.opening("pay alice");
  EXPECT_FALSE(script.accepts(script.chain.qc(*b1, {0, 0, Script::kZ})));
}

TEST(ScheduleDuplicateSigner, CountedTwiceItCommitsConflict) {
  Certificates script({.distinct_signers = false});
  const BlockPtr ours = script.opening("pay alice");
  const BlockPtr theirs = script.opening("pay mallory");
  for (const auto& [h, block] : {std::pair{0U, ours}, std::pair{1U, theirs}}) {
    EXPECT_TRUE(script.votes(h, block));
    const QcPtr qc = script.chain.qc(*block, {h, Script::kZ, Script::kZ});
    const BlockPtr next = script.block(2, block, qc);
    EXPECT_TRUE(script.votes(h, next));
    script.give(h, script.chain.qc(*next, {h, Script::kZ, Script::kZ}));
  }
  EXPECT_TRUE(script.bench.forked());
}

TEST(ScheduleSmallTc, IsRefused) {
  Certificates script({});
  const Tip g = script.chain.genesis->tip();
  EXPECT_FALSE(script.accepts(script.chain.tc(2, {{2, g}, {Script::kZ, g}})));
}

TEST(ScheduleSmallTc, OfOneLessThanAQuorumItCommitsConflict) {
  Certificates script({.full_tc = false});
  Chain& chain = script.chain;
  const BlockPtr b1 = script.opening("pay alice");
  const BlockPtr b2 = script.fast(b1);
  for (const std::uint32_t h : {0U, 1U}) EXPECT_TRUE(script.votes(h, b1) && script.votes(h, b2));
  script.give(0, chain.qc(*b2, {0, 1, Script::kZ}));
  EXPECT_TRUE(script.bench.has_committed(0, b1));
  const Tip g = chain.genesis->tip();
  const BlockPtr other = script.block(3, chain.genesis, chain.genesis->qc,
                                      chain.tc(2, {{2, g}, {Script::kZ, g}}), {"pay mallory"});
  EXPECT_TRUE(script.votes(1, other) && script.votes(2, other));
  const BlockPtr next = script.block(4, other, chain.qc(*other, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.votes(1, next) && script.votes(2, next));
  script.give(1, chain.qc(*next, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.forked());
}

struct InflatedView : Certificates {
  explicit InflatedView(const CertificateGuards& without) : Certificates(without) {
    const BlockPtr b1 = opening("pay alice");
    const BlockPtr b2 = fast(b1);
    const BlockPtr b3 = fast(b2);
    for (const BlockPtr& block : {b1, b2, b3}) EXPECT_TRUE(votes(0, block) && votes(1, block));
    give(0, chain.qc(*b3, {0, 1, kZ}));
    EXPECT_TRUE(bench.has_committed(0, b2));
    auto relabelled = std::make_shared<QuorumCert>(*chain.qc(*b1, {0, 1, kZ}));
    relabelled->view = View{4};
    inflated = relabelled;
    other = block(5, b1, inflated, nullptr, {"pay mallory"});
  }
  QcPtr inflated;
  BlockPtr other;
};

TEST(ScheduleInflatedView, IsRefused) {
  InflatedView script({});
  EXPECT_FALSE(script.accepts(script.inflated));
}

TEST(ScheduleInflatedView, BelievedItCommitsConflict) {
  InflatedView script({.view_signed = false});
  // h2 has nothing yet but what it is shown.
  script.bench.deliver(2, Script::kZ, script.chain.signed_by(Script::kZ, Proposal{script.other}));
  EXPECT_TRUE(script.votes(1, script.other));
  const BlockPtr next = script.block(6, script.other, script.chain.qc(*script.other));
  EXPECT_TRUE(script.votes(1, next));
  script.give(1, script.chain.qc(*next, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.forked());
}

// 4: what was timed out stays so after a restart.
TEST(ScheduleForgottenTimeout, AfterARestartTheVoteIsRefusedOrCommitsConflict) {
  for (const bool kept : {true, false}) {
    Script script(kZLeads, kept ? Guards{} : without(&Guards::restart_keeps_timeout));
    script.bench.submit(0, "put a 1");
    script.bench.fire(0, Core::kViewTimer);
    EXPECT_EQ(script.record(0).last_timeout_view, View{1});
    script.bench.restart(0);
    const auto& genesis = script.chain.genesis;
    EXPECT_EQ(script.votes(0, script.block(1, genesis, genesis->qc)), !kept);
  }
}

// 4.10: h0 forgets that it voted for B1 and B3. With them h1 commits B1; h0 standing on genesis
// lets a TC without h1 start over from there.
struct Forgetful : Script {
  explicit Forgetful(const Guards& guards) : Script(kZLeads, guards) {
    const BlockPtr b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"pay alice"});
    for (const std::uint32_t h : {0U, 1U}) EXPECT_TRUE(votes(h, b1));
    const Tip t1 = b1->tip();
    const TcPtr tc2 = chain.tc(2, {{0, t1}, {1, t1}, {kZ, t1}});
    const BlockPtr b3 = block(3, b1, chain.qc(*b1, {0, 1, kZ}), tc2);
    for (const std::uint32_t h : {0U, 1U}) give(h, tc2);
    for (const std::uint32_t h : {0U, 1U}) EXPECT_TRUE(votes(h, b3));
    give(1, chain.qc(*b3, {0, 1, kZ}));
    EXPECT_TRUE(bench.has_committed(1, b1));

    bench.lose_disk(0);
    const Digest nonce = find_message<RejoinChallenge>(bench.start(0, true))->nonce;
    for (const std::uint32_t reporter : {1U, 2U, kZ}) {
      RejoinReport report;
      report.reporter = ReplicaId{reporter};
      report.rejoiner = ReplicaId{0};
      report.nonce = nonce;
      report.bound = View{reporter == 1 ? 3U : 0U};
      if (reporter == 1) report.justification = ViewProof{tc2};
      bench.deliver(0, reporter, chain.signed_by(reporter, report));
    }
  }
};

TEST(ScheduleRejoin, WaitsForANewCertifiedBlock) {
  Forgetful script{Guards{}};
  EXPECT_TRUE(script.bench.core(0).passive());
}

TEST(ScheduleRejoin, OnAnyTipItCommitsConflict) {
  Forgetful script(without(&Guards::rejoin_on_certified));
  ASSERT_FALSE(script.bench.core(0).passive());
  Chain& chain = script.chain;
  const Tip g = chain.genesis->tip();
  const TcPtr tc5 = chain.tc(5, {{0, g}, {2, g}, {Script::kZ, g}});
  const BlockPtr other = script.block(6, chain.genesis, chain.genesis->qc, tc5, {"pay mallory"});
  EXPECT_TRUE(script.votes(0, other) && script.votes(2, other));
  const BlockPtr next = script.block(7, other, chain.qc(*other, {0, 2, Script::kZ}));
  EXPECT_TRUE(script.votes(0, next) && script.votes(2, next));
  script.give(2, chain.qc(*next, {0, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.forked());
}

}  // namespace
}  // namespace waggle::testing
