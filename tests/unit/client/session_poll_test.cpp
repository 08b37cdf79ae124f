#include "smr/client/session_poll.hpp"

#include <algorithm>
#include <vector>

#include <rapidcheck.h>

namespace waggle::client {
namespace {

constexpr Duration kPatience = std::chrono::milliseconds(200);

TEST(SessionPoll, WaitsForAQuorum) {
  SessionPoll poll(3, 2, kPatience);
  poll.start(Duration{0});
  poll.add(ReplicaId{0}, 7, Duration{0});
  poll.add(ReplicaId{1}, 9, Duration{0});
  EXPECT_FALSE(poll.result(Duration{0}));
  poll.add(ReplicaId{2}, 8, Duration{0});
  EXPECT_EQ(poll.result(Duration{0}), 8u) << "the second highest";
}

TEST(SessionPoll, TakesFPlusOneAnswersWhenPatienceEnds) {
  SessionPoll poll(3, 2, kPatience);
  poll.start(Duration{0});
  poll.add(ReplicaId{0}, 7, Duration{10});
  EXPECT_FALSE(poll.result(Duration{10} + 2 * kPatience));
  poll.add(ReplicaId{1}, 9, Duration{20});
  EXPECT_FALSE(poll.result(kPatience));
  EXPECT_EQ(poll.result(Duration{20} + kPatience), 7u);
}

TEST(SessionPoll, AReplicaAnswersOnce) {
  SessionPoll poll(3, 2, kPatience);
  poll.start(Duration{0});
  for (int i = 0; i < 5; ++i) poll.add(ReplicaId{3}, 1'000'000, Duration{0});
  EXPECT_FALSE(poll.result(10 * kPatience));
  poll.start(Duration{0});
  EXPECT_FALSE(poll.has_answer(ReplicaId{3}));
}

TEST(SessionPollProperty, IsNeverAboveEveryHonestAnswer) {
  EXPECT_TRUE(rc::check([] {
    const auto f = *rc::gen::inRange<std::uint32_t>(0, 5);
    const std::uint32_t n = 3 * f + 1;
    SessionPoll poll(n - f, f + 1, kPatience);
    poll.start(Duration{0});
    std::uint64_t honest_max = 1;
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto next = *rc::gen::inRange<std::uint64_t>(0, 1000);
      poll.add(ReplicaId{i}, next, Duration{0});
      if (i >= f) honest_max = std::max(honest_max, next);
    }
    const auto result = poll.result(Duration{0});
    RC_ASSERT(result.has_value());
    RC_ASSERT(*result <= honest_max);
    RC_ASSERT(*result >= 1u);
  }));
}

}  // namespace
}  // namespace waggle::client
