// The rivals, each in what it promises and in what it is known to lack.
#include "consensus/baselines/beegees.hpp"
#include "consensus/baselines/chained_hotstuff.hpp"
#include "consensus/baselines/fast_hotstuff.hpp"
#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;
using baselines::BeeGees;
using baselines::ChainedHotStuff;
using baselines::FastHotStuff;

const std::vector<std::uint32_t> kZLeads(14, Script::kZ);

template <class R>
struct Rival : Script {
  explicit Rival(const Guards& guards = {}) : Script(kZLeads, std::make_unique<R>(guards)) {}
  BlockPtr first(std::uint64_t view = 1) { return block(view, chain.genesis, chain.genesis->qc); }
  /// Moves h0-h2 to `view` by a TC whose tips are these replicas' own.
  void move_to(std::uint64_t view) {
    const TcPtr tc = timeouts(view - 1);
    for (std::uint32_t h = 0; h < 3; ++h) give(h, tc);
  }
  TcPtr timeouts(std::uint64_t view) {
    std::vector<TimeoutOf> all;
    for (std::uint32_t h = 0; h < 3; ++h) all.push_back({h, record(h).tip});
    return chain.tc(view, all);
  }
};

/// Four replicas by themselves; returns how many blocks replica 0 has committed.
template <class R>
std::size_t run(std::optional<std::uint32_t> dead, int rounds) {
  Chain chain;
  Bench bench(chain, std::make_unique<R>());
  for (std::uint32_t id = 0; id < 4; ++id) {
    if (dead != id) bench.start(id);
  }
  for (int i = 0; i < rounds; ++i) {
    for (std::uint32_t id = 0; id < 4; ++id) {
      if (dead != id) bench.submit(id, "put a " + std::to_string(i));
    }
    bench.run(400);
    for (int ticks = 0; ticks < 8; ++ticks) bench.tick();
  }
  EXPECT_FALSE(bench.forked());
  const std::uint32_t seen = dead == 0U ? 1 : 0;
  return bench.commits(seen).size();
}

TEST(Baselines, CommitWithoutFaults) {
  EXPECT_GT(run<ChainedHotStuff>({}, 5), 0U);
  EXPECT_GT(run<FastHotStuff>({}, 5), 0U);
  EXPECT_GT(run<BeeGees>({}, 5), 0U);
}

TEST(Baselines, WithOneCrashedReplicaOfFourAllButChainedHotStuffCommit) {
  for (std::uint32_t dead = 0; dead < 4; ++dead) {
    EXPECT_EQ(run<ChainedHotStuff>(dead, 12), 0U) << dead;
    EXPECT_GT(run<FastHotStuff>(dead, 12), 0U) << dead;
    EXPECT_GT(run<BeeGees>(dead, 12), 0U) << dead;
  }
}

TEST(ChainedHotStuffRules, ThreeConsecutiveCertifiedBlocksCommitTheFirst) {
  Rival<ChainedHotStuff> script;
  const BlockPtr b1 = script.first();
  const BlockPtr b2 = script.fast(b1);
  const BlockPtr b3 = script.fast(b2);
  for (const BlockPtr& block : {b1, b2, b3}) EXPECT_TRUE(script.votes(0, block));
  EXPECT_FALSE(script.bench.has_committed(0, b1));
  script.give(0, script.chain.qc(*b3));
  EXPECT_TRUE(script.bench.has_committed(0, b1));
  EXPECT_FALSE(script.bench.has_committed(0, b2));
}

TEST(ChainedHotStuffRules, AGapInTheViewsCommitsNothing) {
  for (const bool guarded : {true, false}) {
    Rival<ChainedHotStuff> script(guarded ? Guards{} : without(&Guards::commit_consecutive));
    const BlockPtr b1 = script.first();
    const BlockPtr b2 = script.fast(b1);
    EXPECT_TRUE(script.votes(0, b1) && script.votes(0, b2));
    script.give(0, script.chain.qc(*b2));
    script.move_to(4);
    const BlockPtr b4 = script.block(4, b2, script.chain.qc(*b2), script.timeouts(3));
    EXPECT_TRUE(script.votes(0, b4));
    script.give(0, script.chain.qc(*b4));
    EXPECT_EQ(script.bench.has_committed(0, b1), !guarded);
  }
}

TEST(ChainedHotStuffRules, ABlockMustStandOnTheOneThatItsQcCertifies) {
  Rival<ChainedHotStuff> script;
  const BlockPtr b1 = script.first();
  EXPECT_TRUE(script.votes(0, b1));
  script.move_to(2);
  EXPECT_FALSE(script.votes(0, script.block(2, b1, script.chain.genesis->qc)));
  EXPECT_EQ(script.why(0), Refusal::kNotOnItsQc);
}

TEST(ChainedHotStuffRules, TheLockRefusesAnOlderBranchAndYieldsToAHigherCertificate) {
  Rival<ChainedHotStuff> script;
  const BlockPtr b1 = script.first();
  const BlockPtr b2 = script.fast(b1);
  const BlockPtr b3 = script.fast(b2);
  for (const BlockPtr& block : {b1, b2, b3}) EXPECT_TRUE(script.votes(0, block));
  EXPECT_EQ(script.record(0).tip, b1->tip()) << "QC(2) locks the block below";
  script.move_to(4);
  const BlockPtr old = script.block(4, script.chain.genesis, script.chain.genesis->qc);
  EXPECT_FALSE(script.votes(0, old));
  EXPECT_EQ(script.why(0), Refusal::kConflictsLock);
  EXPECT_TRUE(script.votes(1, old)) << "a replica without the lock";
  // Certified without h0, which then follows: its QC is above the lock.
  EXPECT_TRUE(script.votes(0, script.block(5, old, script.chain.qc(*old, {1, 2, 3}))));
}

TEST(FastHotStuffRules, TwoConsecutiveCertifiedBlocksCommitTheFirst) {
  Rival<FastHotStuff> script;
  const BlockPtr b1 = script.first();
  const BlockPtr b2 = script.fast(b1);
  EXPECT_TRUE(script.votes(0, b1) && script.votes(0, b2));
  script.give(0, script.chain.qc(*b2));
  EXPECT_TRUE(script.bench.has_committed(0, b1));
  EXPECT_FALSE(script.bench.has_committed(0, b2));
}

TEST(FastHotStuffRules, AGapInTheViewsCommitsNothing) {
  for (const bool guarded : {true, false}) {
    Rival<FastHotStuff> script(guarded ? Guards{} : without(&Guards::commit_consecutive));
    const BlockPtr b1 = script.first();
    EXPECT_TRUE(script.votes(0, b1));
    script.give(0, script.chain.qc(*b1));
    script.move_to(3);
    const BlockPtr b3 = script.block(3, b1, script.chain.qc(*b1), script.timeouts(2));
    EXPECT_TRUE(script.votes(0, b3));
    script.give(0, script.chain.qc(*b3));
    EXPECT_EQ(script.bench.has_committed(0, b1), !guarded);
  }
}

TEST(FastHotStuffRules, AfterAFailedViewTheBlockStandsOnTheHighestReportedQc) {
  Rival<FastHotStuff> script;
  const BlockPtr b1 = script.first();
  const BlockPtr b2 = script.fast(b1);
  for (std::uint32_t h = 0; h < 3; ++h) EXPECT_TRUE(script.votes(h, b1) && script.votes(h, b2));
  const TcPtr tc = script.timeouts(2);  // all have seen QC(1)
  for (std::uint32_t h = 0; h < 3; ++h) script.give(h, tc);
  EXPECT_FALSE(
      script.votes(0, script.block(3, script.chain.genesis, script.chain.genesis->qc, tc)));
  EXPECT_EQ(script.why(0), Refusal::kRankNotMaximal);
  EXPECT_FALSE(script.votes(1, script.block(3, b1, script.chain.qc(*b1))));
  EXPECT_EQ(script.why(1), Refusal::kNotFastForm);
  EXPECT_TRUE(script.votes(2, script.block(3, b1, script.chain.qc(*b1), tc)));
}

// The Invalid Block attack of section 9, row 2: an invalid block hidden under a valid, unvoted one.
template <class R>
struct InvalidBlockAttack : Rival<R> {
  InvalidBlockAttack() {
    Chain& on = this->chain;
    const BlockPtr& genesis = on.genesis;
    const BlockPtr b1 = this->block(1, genesis, genesis->qc, nullptr, {"pay alice"});
    const BlockPtr b2 = this->fast(b1);
    for (const std::uint32_t h : {0U, 1U}) EXPECT_TRUE(this->votes(h, b1) && this->votes(h, b2));
    const Tip t2 = b2->tip();
    this->give(0, on.qc(*b2, {0, 1, Script::kZ}));
    EXPECT_TRUE(this->bench.has_committed(0, b1));
    for (const std::uint32_t h : {1U, 2U}) {
      this->give(h, on.tc(2, {{0, t2}, {1, t2}, {2, t2}}));
    }
    const BlockPtr invalid = this->block(3, genesis, genesis->qc, nullptr, {"pay mallory"});
    EXPECT_FALSE(this->votes(1, invalid) || this->votes(2, invalid));
    const BlockPtr cover = this->block(5, invalid, genesis->qc,
                                       on.tc(4, {{0, t2}, {1, t2}, {Script::kZ, invalid->tip()}}));
    for (const std::uint32_t h : {1U, 2U}) {
      this->give(h, on.tc(6, {{0, t2}, {1, t2}, {2, t2}}));
      EXPECT_FALSE(this->votes(h, cover));
    }
    top = this->block(7, cover, genesis->qc,
                      on.tc(6, {{0, t2}, {1, t2}, {Script::kZ, cover->tip()}}));
  }
  BlockPtr top;
};

TEST(InvalidBlockProblem, ForksBeeGees) {
  InvalidBlockAttack<BeeGees> script;
  ASSERT_TRUE(script.votes(1, script.top) && script.votes(2, script.top));
  const BlockPtr above = script.fast(script.top);
  ASSERT_TRUE(script.votes(1, above) && script.votes(2, above));
  script.give(1, script.chain.qc(*above, {1, 2, Script::kZ}));
  EXPECT_TRUE(script.bench.forked());
}

TEST(InvalidBlockProblem, DoesNotForkPBeeGees) {
  InvalidBlockAttack<pbeegees::Rules> script;
  EXPECT_FALSE(script.votes(1, script.top) || script.votes(2, script.top));
}

// The Hollow Chain: Z reports a tip that does not exist, of the highest view.
template <class R>
bool leader_proposes_in_spite_of_a_tip_that_nobody_has() {
  Script script({Script::kZ, 0}, std::make_unique<R>(Guards{}));
  script.bench.submit(0, "put a 1");
  Digest nowhere;
  nowhere.bytes.fill(0xee);
  const Tip genesis = script.chain.genesis->tip();
  script.give_timeout(0, Script::kZ, 1, Tip{View{1}, nowhere, View{0}});
  bool proposed = false;
  for (const std::uint32_t h : {0U, 1U, 2U}) {
    proposed |= find_message<Proposal>(script.give_timeout(0, h, 1, genesis)) != nullptr;
  }
  return proposed;
}

TEST(HollowChainProblem, StallsALeaderOfBeeGees) {
  EXPECT_FALSE(leader_proposes_in_spite_of_a_tip_that_nobody_has<BeeGees>());
}
TEST(HollowChainProblem, DoesNotStallALeaderOfPBeeGees) {
  EXPECT_TRUE(leader_proposes_in_spite_of_a_tip_that_nobody_has<pbeegees::Rules>());
}

}  // namespace
}  // namespace waggle::testing
