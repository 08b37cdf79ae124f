// Plans of puppets: what is read, what is refused, and what a puppet makes of it.
#include <gtest/gtest.h>

#include "sim/adversary/puppet.hpp"
#include "sim/scenario/run.hpp"
#include "tests/support/chain.hpp"

namespace waggle::sim {
namespace {

using namespace chained;
using testing::Chain;

std::string with_step(const std::string& step) {
  return "[[adversary]]\nstrategy = \"puppet\"\nreplicas = [3]\nplan = [\n"
         "  { send = \"block\", name = \"B1\", view = 1, parent = \"genesis\", qc = \"genesis\" "
         "},\n"
         "  " +
         step + "\n]\n";
}

Plan plan_of(const std::string& text) {
  const auto scenario = parse_scenario(text, "plan.toml", {});
  EXPECT_TRUE(scenario) << scenario.error().to_string();
  return scenario ? scenario->adversaries.at(0).plan : Plan{};
}

std::string error_of(const std::string& step) {
  const auto scenario = parse_scenario(with_step(step), "plan.toml", {});
  return scenario ? "" : scenario.error().to_string();
}

TEST(Plan, AllKindsOfStepsAreRead) {
  const Plan plan = plan_of(with_step(
      R"({ send = "block", name = "C2", view = 2, parent = "B1", qc = "B1", signers = [0, 3, 3],)"
      R"~( qc_view = 7, tc = ["0", "1: @4", "3: B1 (3, 99)"], payload = 2, to = [0, 1] },
         { send = "qc", block = "C2", to = [2], delay = "5ms" },
         { send = "tc", view = 2, tc = ["3: invented (2, 1)"] },
         { send = "timeout", view = 3, tip = "C2" },
         { send = "vote", block = "@4" })~"));
  ASSERT_EQ(plan.size(), 6U);
  const auto& block = std::get<BlockStep>(plan[1].what);
  EXPECT_EQ(block.parent, "B1");
  EXPECT_EQ(block.qc.signers, (std::vector<std::uint32_t>{0, 3, 3}));
  EXPECT_EQ(block.qc.claim, View{7});
  ASSERT_EQ(block.tc.size(), 3U);
  EXPECT_FALSE(block.tc[0].tip.has_value());
  EXPECT_EQ(block.tc[1].tip->block, "@4");
  EXPECT_EQ(block.tc[2].tip->claim, (Rank{View{3}, View{99}}));
  EXPECT_EQ(block.payload, 2U);
  EXPECT_EQ(plan[1].to, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(plan[2].delay, std::chrono::milliseconds(5));
  EXPECT_EQ(std::get<VoteStep>(plan[5].what).block, "@4");
}

TEST(Plan, BadStepsAreRefusedWithTheNearestName) {
  EXPECT_EQ(error_of(R"({ send = "blok", name = "C" })"),
            "plan.toml:6: adversary[0].plan[1].send: \"blok\" is unknown; did you mean \"block\"?");
  EXPECT_EQ(error_of(R"({ send = "qc", block = "B2" })"),
            "plan.toml:6: adversary[0].plan[1].block: \"B2\" is unknown; did you mean \"B1\"?");
  EXPECT_EQ(error_of(R"({ send = "qc", block = "B1", too = [1] })"),
            "plan.toml:6: adversary[0].plan[1].too: unknown key; did you mean to?");
  EXPECT_EQ(error_of(R"({ send = "timeout", view = 2, tip = "genesi" })"),
            "plan.toml:6: adversary[0].plan[1].tip: \"genesi\" is unknown; did you mean "
            "\"genesis\"?");
  EXPECT_EQ(error_of(R"~({ send = "timeout", view = 2, tip = "B1 (3)" })~"),
            "plan.toml:6: adversary[0].plan[1].tip: \"B1 (3)\" is no tip such as \"R\" or \"R (3, "
            "99)\"");
  EXPECT_EQ(error_of(R"({ send = "tc", view = 2, tc = ["4"] })"),
            "plan.toml:6: adversary[0].plan[1].tc: \"4\" is no timeout such as \"1\" or \"3: R (3, "
            "99)\"");
  EXPECT_EQ(error_of(R"({ send = "tc", view = 2, tc = ["3: invented"] })"),
            "plan.toml:6: adversary[0].plan[1].tc: an invented block needs a rank, \"invented (3, "
            "0)\"");
  EXPECT_EQ(error_of(R"({ send = "block", name = "B1", view = 1, parent = "B1", qc = "B1" })"),
            "plan.toml:6: adversary[0].plan[1].name: \"B1\" is taken");
  EXPECT_EQ(error_of(R"({ send = "block", name = "@2", view = 1, parent = "B1", qc = "B1" })"),
            "plan.toml:6: adversary[0].plan[1].name: \"@2\" is no name for a block");
  EXPECT_NE(error_of(R"({ send = "qc" })"), "");
  EXPECT_NE(error_of(R"({ send = "qc", block = "B1", to = [4] })"), "");
}

TEST(Plan, OnlyPuppetsHaveOne) {
  const auto scenario = parse_scenario(
      "[[adversary]]\nstrategy = \"mute\"\nreplicas = [3]\nplan = []\n", "plan.toml", {});
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().line, 4);
}

/// A puppet, replica 3 of four, that leads all views.
struct Stage {
  explicit Stage(const std::string& step)
      : chain(4, std::vector<std::uint32_t>(8, 3)),
        plan(plan_of(with_step(step))),
        puppet({ReplicaId{3}, chain.config, chain.hasher, chain.signer(3), pacemaker, Random(1),
                &plan},
               false) {}
  Adversary::Out hear(std::uint32_t from, const Message& message) {
    Adversary::Out out;
    puppet.hear(ReplicaId{from}, message, out);
    return out;
  }
  /// What it sends that passes the checks of receivers, all of it.
  void expect_valid(const Adversary::Out& out) {
    for (const Outgoing& one : out) EXPECT_TRUE(chain.validate(one.message, 3).has_value());
  }
  Heartbeat nothing_new() const { return {chain.genesis->qc}; }

  Chain chain;
  Plan plan;
  chained::PacemakerConfig pacemaker;
  Puppet puppet;
};

TEST(Puppet, WaitsForItsIngredientsAndGoesOnInOrder) {
  Stage stage(R"({ send = "block", name = "B2", view = 2, parent = "B1", qc = "B1", to = [0] },
                 { send = "vote", block = "B2", to = [1] })");
  EXPECT_TRUE(stage.hear(0, stage.nothing_new()).empty()) << "B1 is shown to nobody";
  EXPECT_EQ(stage.puppet.taken(), 1U);
  const BlockPtr b1 = stage.chain.block({1, stage.chain.genesis, stage.chain.genesis->qc});
  EXPECT_TRUE(stage.hear(0, stage.chain.vote(0, *b1)).empty());
  const Adversary::Out out = stage.hear(1, stage.chain.vote(1, *b1));
  ASSERT_EQ(out.size(), 2U);
  stage.expect_valid(out);
  EXPECT_EQ(std::get<Proposal>(out[0].message).block->parent(), b1->id);
  EXPECT_EQ(out[0].to, ReplicaId{0});
  EXPECT_EQ(std::get<Vote>(out[1].message).view, View{2});
  EXPECT_TRUE(stage.hear(1, stage.chain.vote(1, *b1)).empty()) << "each step once";
}

TEST(Puppet, MakesTcsOfTimeoutsThatItHeardAndItsOwnLie) {
  Stage stage(R"~({ send = "tc", view = 2, tc = ["0", "1: B1", "3: B1 (2, 9)"], to = [0, 1] })~");
  stage.hear(0, stage.nothing_new());
  const BlockPtr b1 = stage.chain.block({1, stage.chain.genesis, stage.chain.genesis->qc});
  const Tip genesis = stage.chain.genesis->tip();
  const auto says = [&](std::uint32_t from, const Tip& tip) {
    return stage.hear(from, TimeoutMessage{stage.chain.timeout(from, 2, tip)});
  };
  EXPECT_TRUE(says(0, genesis).empty());
  EXPECT_TRUE(says(1, genesis).empty()) << "not with the tip that is named";
  const Adversary::Out out = says(1, b1->tip());
  ASSERT_EQ(out.size(), 2U);
  stage.expect_valid(out);
  const auto& tc = *std::get<TcPtr>(std::get<Certificate>(out[0].message).proof.proof);
  EXPECT_EQ(tc.rank_max(), (Rank{View{2}, View{9}}));
}

TEST(Puppet, FindsVotesInsideTimeouts) {
  Stage stage(R"({ send = "qc", block = "B1", to = [2] })");
  stage.hear(0, stage.nothing_new());
  const BlockPtr b1 = stage.chain.block({1, stage.chain.genesis, stage.chain.genesis->qc});
  Adversary::Out out;
  for (const std::uint32_t from : {0U, 1U}) {
    Timeout timeout = stage.chain.timeout(from, 1, b1->tip());
    timeout.tip_vote = stage.chain.vote_signature(from, View{1}, b1->id);
    out = stage.hear(from, TimeoutMessage{timeout});
  }
  ASSERT_EQ(out.size(), 1U);
  stage.expect_valid(out);
}

TEST(Puppet, AnswersWhoAsksForItsBlocksAndIsElseSilent) {
  Stage stage(R"({ send = "block", name = "C1", view = 1, parent = "genesis",)"
              R"( qc = "genesis", payload = 2, to = [0] })");
  stage.hear(0, stage.nothing_new());
  Adversary::Out out;
  const BlockPtr own =
      stage.chain.block({1, stage.chain.genesis, stage.chain.genesis->qc, nullptr, {"put a 1"}});
  stage.puppet.tamper({ReplicaId{1}, Proposal{own}}, out);
  ASSERT_EQ(out.size(), 1U) << "its core's block gives it commands, and does not leave";
  const BlockPtr c1 = std::get<Proposal>(out[0].message).block;
  EXPECT_EQ(c1->payload->leaves().size(), 2U);
  stage.expect_valid(out);
  const Adversary::Out answer = stage.hear(2, BranchRequest{c1->id, Height{0}, 8});
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(std::get<Branch>(answer[0].message).blocks.at(0).block->id, c1->id);
  stage.expect_valid(answer);
}

}  // namespace
}  // namespace waggle::sim
