#include "net/send_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/core/sample_values.hpp"

namespace waggle::net {
namespace {

using Kind = Delivery::Kind;

/// A frame of 100 bytes on the wire that can be told by its number.
SharedFrame frame_of(std::uint8_t number) { return share({Bytes(92, number), {}}); }

std::vector<int> numbers(SendQueue& queue) {
  std::vector<int> seen;
  while (!queue.empty()) seen.push_back(queue.pop()->header[0]);
  return seen;
}

TEST(SendQueue, KeepsTheOrder) {
  SendQueue queue(1000);
  for (std::uint8_t i = 0; i < 10; ++i) EXPECT_EQ(queue.push(frame_of(i), {}), 0u);
  EXPECT_EQ(queue.bytes(), 1000u);
  EXPECT_EQ(numbers(queue), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(SendQueue, SupersededViewsGoFirstLowestFirst) {
  SendQueue queue(400);
  queue.push(frame_of(1), {Kind::kConsensus, View{5}});
  queue.push(frame_of(2), {Kind::kConsensus, View{4}});
  queue.push(frame_of(3), {Kind::kSync, {}});
  queue.push(frame_of(4), {Kind::kConsensus, View{6}});
  EXPECT_EQ(queue.push(frame_of(5), {Kind::kControl, {}}), 2u);
  EXPECT_EQ(numbers(queue), (std::vector<int>{3, 4, 5}));
}

TEST(SendQueue, ThenBlocksThenForwardsThenTheOldest) {
  SendQueue queue(500);
  queue.push(frame_of(1), {Kind::kControl, {}});
  queue.push(frame_of(2), {Kind::kForward, {}});
  queue.push(frame_of(3), {Kind::kSync, {}});
  queue.push(frame_of(4), {Kind::kConsensus, View{6}});
  queue.push(frame_of(5), {Kind::kConsensus, View{6}});
  EXPECT_EQ(queue.push(frame_of(6), {Kind::kConsensus, View{6}}), 3u);
  EXPECT_EQ(numbers(queue), (std::vector<int>{4, 5, 6}));
}

TEST(SendQueue, AnOldMessageDoesNotDisplaceANewerOne) {
  SendQueue queue(200);
  queue.push(frame_of(1), {Kind::kConsensus, View{9}});
  queue.push(frame_of(2), {Kind::kConsensus, View{8}});
  queue.push(frame_of(3), {Kind::kConsensus, View{7}});
  EXPECT_EQ(numbers(queue), (std::vector<int>{1}));
}

TEST(SendQueue, AFrameAboveTheBoundIsDroppedAlone) {
  SendQueue queue(150);
  queue.push(frame_of(1), {});
  EXPECT_EQ(queue.push(share({Bytes(200), {}}), {}), 1u);
  EXPECT_EQ(numbers(queue), (std::vector<int>{1}));
}

TEST(SendQueue, NeverHoldsMoreThanItsBoundAndLosesNothingUncounted) {
  EXPECT_TRUE(rc::check("bound", [](std::uint64_t seed) {
    Draw draw(seed);
    SendQueue queue(5000);
    std::size_t pushed = 0, dropped = 0, popped = 0;
    for (int i = 0; i < 300; ++i) {
      const Delivery delivery{static_cast<Kind>(draw.up_to(3)), View{draw.up_to(5)}};
      dropped += queue.push(share({Bytes(1 + draw.up_to(900)), {}}), delivery);
      ++pushed;
      RC_ASSERT(queue.bytes() <= 5000u);
      if (draw.up_to(3) != 0 || queue.empty()) continue;
      queue.pop();
      ++popped;
    }
    RC_ASSERT(pushed == dropped + popped + queue.size());
    std::size_t bytes = 0;
    while (!queue.empty()) bytes += queue.pop()->wire_size();
    RC_ASSERT(bytes <= 5000u);
    RC_ASSERT(queue.bytes() == 0u);
  }));
}

}  // namespace
}  // namespace waggle::net
