#include "smr/client/reply_collector.hpp"

#include <rapidcheck.h>

namespace waggle::client {
namespace {

/// An answer of which `variant` decides all that must be equal.
smr::Committed answer(std::uint8_t variant) {
  smr::Committed committed;
  committed.view = View{variant};
  committed.height = Height{variant};
  committed.block.bytes[0] = variant;
  return committed;
}
smr::CommandResult result(std::uint64_t number, std::uint8_t variant = 0) {
  return {number, Bytes{variant}};
}

TEST(ReplyCollector, DecidesOnFPlusOneEqualReplies) {
  ReplyCollector replies(10, 1, 2);
  EXPECT_FALSE(replies.add(ReplicaId{0}, answer(3), result(10)));
  EXPECT_TRUE(replies.add(ReplicaId{2}, answer(3), result(10)));
  ASSERT_TRUE(replies.complete());
  const Committed& committed = *replies.decided(10);
  EXPECT_EQ(committed.number, 10u);
  EXPECT_EQ(committed.view, View{3});
  EXPECT_EQ(committed.height, Height{3});
  EXPECT_EQ(committed.result, Bytes{0});
  EXPECT_EQ(committed.replies, 2u);
}

TEST(ReplyCollector, CountsAReplicaOnce) {
  ReplyCollector replies(1, 1, 2);
  EXPECT_FALSE(replies.add(ReplicaId{0}, answer(3), result(1)));
  EXPECT_FALSE(replies.add(ReplicaId{0}, answer(3), result(1)));
  EXPECT_FALSE(replies.add(ReplicaId{0}, answer(4), result(1)));
  EXPECT_FALSE(replies.complete());
}

TEST(ReplyCollector, EverythingMustBeEqual) {
  const auto differs = [](auto change) {
    ReplyCollector replies(1, 1, 2);
    smr::Committed other = answer(3);
    smr::CommandResult other_result = result(1);
    change(other, other_result);
    EXPECT_FALSE(replies.add(ReplicaId{0}, answer(3), result(1)));
    EXPECT_FALSE(replies.add(ReplicaId{1}, other, other_result));
    EXPECT_TRUE(replies.add(ReplicaId{2}, answer(3), result(1)));
  };
  differs([](smr::Committed& c, smr::CommandResult&) { c.view = View{4}; });
  differs([](smr::Committed& c, smr::CommandResult&) { c.height = Height{4}; });
  differs([](smr::Committed& c, smr::CommandResult&) { c.block.bytes[31] = 1; });
  differs([](smr::Committed&, smr::CommandResult& r) { r.result = {9}; });
  differs([](smr::Committed&, smr::CommandResult& r) { r.result.clear(); });
}

TEST(ReplyCollector, IgnoresNumbersOfOtherRequests) {
  ReplyCollector replies(10, 2, 1);
  EXPECT_FALSE(replies.add(ReplicaId{0}, answer(1), result(9)));
  EXPECT_FALSE(replies.add(ReplicaId{0}, answer(1), result(12)));
  EXPECT_TRUE(replies.add(ReplicaId{0}, answer(1), result(11)));
  EXPECT_FALSE(replies.complete());
}

TEST(ReplyCollector, NumbersOfOneRequestMayStandInDifferentBlocks) {
  ReplyCollector replies(1, 2, 2);
  replies.add(ReplicaId{0}, answer(1), result(1));
  replies.add(ReplicaId{0}, answer(2), result(2));
  EXPECT_TRUE(replies.answered(ReplicaId{0}));
  EXPECT_FALSE(replies.answered(ReplicaId{1}));
  replies.add(ReplicaId{1}, answer(1), result(1));
  replies.add(ReplicaId{1}, answer(2), result(2));
  ASSERT_TRUE(replies.complete());
  EXPECT_EQ(replies.decided(1)->height, Height{1});
  EXPECT_EQ(replies.decided(2)->height, Height{2});
}

TEST(ReplyCollector, AVerdictTakesFPlusOneEqualRefusals) {
  ReplyCollector replies(1, 1, 2);
  replies.reject(ReplicaId{0}, Refusal::kClientNotAllowed);
  replies.reject(ReplicaId{0}, Refusal::kClientNotAllowed);
  replies.reject(ReplicaId{1}, Refusal::kBadSignature);
  EXPECT_FALSE(replies.verdict());
  replies.reject(ReplicaId{2}, Refusal::kClientNotAllowed);
  EXPECT_EQ(replies.verdict(), Refusal::kClientNotAllowed);
}

TEST(ReplyCollector, ARefusalThatPassesIsNoVerdict) {
  ReplyCollector replies(1, 1, 2);
  for (std::uint32_t i = 0; i < 4; ++i) replies.reject(ReplicaId{i}, Refusal::kMempoolFull);
  EXPECT_FALSE(replies.verdict());
  EXPECT_FALSE(replies.answered(ReplicaId{0})) << "it may take the request when asked again";
  EXPECT_EQ(replies.last_refusal(), Refusal::kMempoolFull);
}

TEST(ReplyCollector, WhoRefusedMayStillAnswer) {
  ReplyCollector replies(1, 1, 2);
  replies.reject(ReplicaId{0}, Refusal::kNumberOld);
  replies.add(ReplicaId{0}, answer(1), result(1));
  replies.reject(ReplicaId{1}, Refusal::kNumberOld);
  EXPECT_FALSE(replies.verdict());
}

TEST(ReplyCollectorProperty, FLiarsNeverDecide) {
  EXPECT_TRUE(rc::check([] {
    const auto f = *rc::gen::inRange<std::uint32_t>(0, 4);
    const std::uint32_t n = 3 * f + 1;
    ReplyCollector replies(1, 3, f + 1);
    const auto steps =
        *rc::gen::container<std::vector<std::tuple<std::uint32_t, std::uint64_t, std::uint8_t>>>(
            rc::gen::tuple(rc::gen::inRange<std::uint32_t>(0, n),
                           rc::gen::inRange<std::uint64_t>(0, 6),
                           rc::gen::inRange<std::uint8_t>(0, 3)));
    for (const auto& [from, number, lie] : steps) {
      const std::uint8_t variant = from < f ? lie : 0;  // Replicas 0 .. f-1 lie.
      replies.add(ReplicaId{from}, answer(variant), result(number, variant));
      if (lie == 1 && from < f) replies.reject(ReplicaId{from}, Refusal::kBadSignature);
    }
    RC_ASSERT(!replies.verdict());
    for (std::uint64_t number = 1; number <= 3; ++number) {
      const auto& decided = replies.decided(number);
      if (decided) RC_ASSERT(decided->result == Bytes{0} && decided->height == Height{0});
    }
    // And honest replicas decide, whatever was said before.
    for (std::uint32_t from = f; from < n; ++from) {
      for (std::uint64_t number = 1; number <= 3; ++number) {
        replies.add(ReplicaId{from}, answer(0), result(number, 0));
      }
    }
    RC_ASSERT(replies.complete());
  }));
}

}  // namespace
}  // namespace waggle::client
