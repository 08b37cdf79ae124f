// What others can make a replica keep or ask for is bounded, also when it asked for it (4.8).
#include <algorithm>

#include "tests/spec/script.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

/// Z leads every view. h0 has seen the QC of B3 and nothing else: it stands in view 4 and asks Z
/// for the branch of B3.
struct Bounds : Script, ::testing::Test {
  Bounds() : Script(std::vector<std::uint32_t>(120, kZ)) {
    b1 = block(1, chain.genesis, chain.genesis->qc, nullptr, {"put a 1"});
    b2 = fast(b1);
    b3 = fast(b2);
  }
  void ask() { ASSERT_NE(find_message<BranchRequest>(give(0, chain.qc(*b3))), nullptr); }
  const Bench::Effects& answer(std::uint32_t from, const std::vector<BlockPtr>& blocks) {
    Branch branch{b3->id, {}, nullptr};
    for (const BlockPtr& one : blocks) branch.blocks.push_back(chain.chained(one));
    return bench.deliver(0, from, branch);
  }
  /// Not in the fast form, and without a TC (3.3, 3.4); another one for every command.
  BlockPtr invalid(const std::string& command) {
    return block(3, b2, chain.qc(*b1), nullptr, {command});
  }
  bool knows(const BlockPtr& block) { return bench.core(0).tree().find(block->id) != nullptr; }

  BlockPtr b1, b2, b3;
};
using Rule4_8Fetched = Bounds;
using Rule4_8Hints = Bounds;

TEST_F(Rule4_8Fetched, ABlockOfAFutureViewIsNotKept) {
  ask();
  const BlockPtr far = block(100, b2, chain.qc(*b2));
  answer(kZ, {b1, b2, far, block(101, far, chain.qc(*b2))});
  EXPECT_TRUE(knows(b1) && knows(b2));
  EXPECT_FALSE(knows(far));
  EXPECT_EQ(why(0), Refusal::kFutureView);
  EXPECT_EQ(bench.core(0).tree().size(), 2U) << "B1, committed, and B2; nothing behind the refused";
}

TEST_F(Rule4_8Fetched, AnInvalidBlockAndWhatStandsOnItAreNotKept) {
  ask();
  const BlockPtr bad = invalid("bad");
  const BlockPtr on_it = block(4, bad, chain.qc(*b1));
  answer(kZ, {b1, b2, bad, on_it});
  EXPECT_FALSE(knows(bad) || knows(on_it));
  EXPECT_EQ(why(0), Refusal::kNotFastForm);
}

TEST_F(Rule4_8Fetched, InvalidTwinsWithoutEndDoNotPileUp) {
  ask();
  std::uint32_t asked = kZ;
  for (int i = 0; i < 10; ++i) {
    answer(asked, {b1, b2, invalid("twin " + std::to_string(i))});
    EXPECT_EQ(bench.core(0).tree().size(), 3U);
    for (const auto& effect : bench.fire(0, Core::kFetchTimer)) {
      const auto* send = std::get_if<Send<Message>>(&effect);
      if (send != nullptr && std::holds_alternative<BranchRequest>(send->message)) {
        asked = send->to.value;
      }
    }
  }
  answer(asked, {b1, b2, b3});
  EXPECT_TRUE(knows(b3)) << "and the real one still arrives";
}

// It passes the bound per view only as long as nothing unconnected waits for it.
TEST_F(Rule4_8Fetched, AnInvalidBlockThatOthersStandOnStaysInItsPlace) {
  const BlockPtr bad = invalid("bad");
  const BlockPtr on_it = block(4, bad, chain.qc(*b1));
  ask();
  bench.propose(0, on_it);
  ASSERT_TRUE(knows(on_it));
  answer(kZ, {b1, b2, bad});
  ASSERT_TRUE(knows(bad));
  const Node* above = bench.core(0).tree().find(on_it->id);
  EXPECT_EQ(above->validity, Validity::kInvalid) << "what stands on an invalid block";
}

TEST_F(Rule4_8Fetched, BytesOfBlocksThatDoNotConnectAreBounded) {
  const waggle::pbeegees::Rules rules;
  BlockTree tree(chain.config, chain.hasher, rules, chain.genesis);
  ASSERT_TRUE(tree.insert(b1, true));
  const std::vector<std::string> commands = {std::string(60'000, 'a'), std::string(60'000, 'b')};
  const BlockPtr heavy = block(3, b2, chain.qc(*b2), nullptr, commands);
  const std::size_t fit = BlockTree::kUnconnectedBytesMax / heavy->payload->bytes()->size();
  for (std::size_t i = 0; i < fit; ++i) {
    const BlockPtr one = chain.changed(*heavy, [&](Block& b) { b.header.view.value += i; });
    ASSERT_TRUE(tree.insert(one, true)) << i;
  }
  const BlockPtr late = chain.changed(*heavy, [](Block& b) { b.header.view = View{100'000}; });
  const auto refused = tree.insert(late, true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Refusal::kTooMany);
  EXPECT_TRUE(tree.insert(b2, true)) << "what connects is not counted, and connects the rest";
  EXPECT_TRUE(tree.insert(late, true));
}

using Rule4_8Floods = Bounds;

// Of every replica so many votes are kept; its own higher ones crowd them out, and nobody else's.
TEST_F(Rule4_8Floods, VotesOfFarViewsCrowdOutOnlyTheirSendersOwn) {
  const auto of_view = [&](std::uint64_t view) {
    return chain.signed_by(kZ, Vote{View{view}, b3->id, ReplicaId{kZ}, {}});
  };
  bench.deliver(0, kZ, of_view(3));
  for (std::uint64_t i = 1; i < VoteCollector::kVotesPerReplica; ++i) {
    bench.deliver(0, kZ, of_view(1000 + i));
  }
  EXPECT_TRUE(bench.refusals(0).empty());
  for (std::uint64_t i = 0; i < 100; ++i) {
    bench.deliver(0, kZ, of_view(2000 + i));
    EXPECT_EQ(bench.refusals(0).size(), i + 1);
    EXPECT_EQ(why(0), Refusal::kTooMany);
  }
  bench.deliver(0, 1, chain.vote(1, *b3));
  bench.deliver(0, 2, chain.vote(2, *b3));
  EXPECT_EQ(bench.core(0).view(), View{1}) << "the vote of Z that made a quorum is gone";
  bench.deliver(0, 0, chain.vote(0, *b3));
  EXPECT_EQ(bench.core(0).view(), View{4}) << "those of the others are not";
}

TEST_F(Rule4_8Floods, AVoteBelowAllThatAreKeptIsStale) {
  const BlockPtr far = block(60, b2, chain.qc(*b2));
  give(0, chain.qc(*far));
  ASSERT_EQ(bench.core(0).view(), View{61});
  for (std::uint64_t i = 0; i < VoteCollector::kVotesPerReplica; ++i) {
    bench.deliver(0, 1, chain.signed_by(1, Vote{View{61 + i}, far->id, ReplicaId{1}, {}}));
  }
  bench.deliver(0, 1, chain.vote(1, *b3));
  EXPECT_EQ(why(0), Refusal::kStaleView);
  EXPECT_EQ(bench.refusals(0).size(), 1U);
}

TEST_F(Rule4_8Floods, TimeoutsOfFarViewsCrowdOutOnlyTheirSendersOwn) {
  const Tip tip = chain.genesis->tip();
  for (std::uint64_t i = 0; i < TimeoutCollector::kTimeoutsPerReplica; ++i) {
    give_timeout(0, kZ, 1 + i, tip);
  }
  EXPECT_TRUE(bench.refusals(0).empty());
  for (std::uint64_t i = 0; i < 100; ++i) {
    give_timeout(0, kZ, 1000 + i, tip);
    EXPECT_EQ(why(0), Refusal::kTooMany);
    EXPECT_EQ(bench.refusals(0).size(), i + 1);
  }
  give_timeout(0, kZ, 1, tip);
  EXPECT_EQ(why(0), Refusal::kDuplicate);
  EXPECT_EQ(bench.core(0).view(), View{1}) << "one replica's word moves nobody";
  give_timeout(0, 1, 1, tip);
  EXPECT_EQ(record(0).last_timeout_view, View{1}) << "with a second one, 4.5";
}

TEST_F(Rule4_8Floods, ATimeoutThatIsTooOldIsStale) {
  const BlockPtr far = block(60, b2, chain.qc(*b2));
  give(0, chain.qc(*far));
  give_timeout(0, 1, 61, chain.genesis->tip());
  EXPECT_TRUE(bench.refusals(0).empty());
  give_timeout(0, 1, 3, chain.genesis->tip());
  EXPECT_EQ(why(0), Refusal::kStaleView);
}

// What a timeout says of the highest QC is not signed: only its sender's own connection vouches.
TEST_F(Rule4_8Hints, AHighestQcIsAskedForWhenItsSenderNamesItItself) {
  Timeout timeout = chain.timeout(1, 1, chain.genesis->tip());
  timeout.high_qc = {View{3}, b3->id};
  const auto* asked = find_message<BranchRequest>(bench.deliver(0, 1, TimeoutMessage{timeout}));
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->block, b3->id);
}

TEST_F(Rule4_8Hints, AHighestQcThatSomebodyElseWritesIntoATimeoutIsIgnored) {
  std::vector<Timeout> timeouts;
  for (const std::uint32_t sender : {1U, 2U, kZ}) {
    timeouts.push_back(chain.timeout(sender, 1, chain.genesis->tip()));
    timeouts.back().high_qc = {View{50}, chain.hasher.hash({as_bytes("invented")})};
  }
  timeouts.pop_back();  // Z could name it itself
  const auto& effects = bench.deliver(0, kZ, Certificate{{timeouts}});
  EXPECT_EQ(find_message<BranchRequest>(effects), nullptr);
}

TEST_F(Rule4_8Hints, AProofOfTimeoutsCarriesNoHints) {
  for (const std::uint32_t from : {0U, 1U, 2U}) {
    Timeout timeout = chain.timeout(from, 1, chain.genesis->tip());
    timeout.high_qc = {View{40 + from}, chain.hasher.hash({as_bytes("invented")})};
    bench.deliver(0, from, TimeoutMessage{timeout});
  }
  ASSERT_EQ(bench.core(0).view(), View{2});
  const auto* entry = find_message<Certificate>(give_timeout(0, 1, 1, chain.genesis->tip()));
  ASSERT_NE(entry, nullptr) << "a stale timeout is answered";
  for (const Timeout& timeout : std::get<std::vector<Timeout>>(entry->proof.proof)) {
    EXPECT_EQ(timeout.high_qc, QcRef{});
    EXPECT_EQ(timeout.full_qc, nullptr);
  }
}

}  // namespace
}  // namespace waggle::testing
