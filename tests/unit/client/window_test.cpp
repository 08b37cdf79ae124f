#include "smr/client/window.hpp"

#include <set>
#include <vector>

#include <rapidcheck.h>

#include "smr/client/capability.hpp"

namespace waggle::client {
namespace {

TEST(Window, HandsOutNumbersOnceInOrder) {
  Window window(7, kWindow);
  EXPECT_EQ(window.take(2), 7u);
  EXPECT_EQ(window.take(1), 9u);
  EXPECT_EQ(window.next(), 10u);
  EXPECT_EQ(window.lowest(), 7u);
}

TEST(Window, HasRoomFor256AboveTheLowestUnsettled) {
  Window window(1, kWindow);
  window.take(kWindow);
  EXPECT_EQ(window.room(), 0u);
  window.settle(100);
  EXPECT_EQ(window.room(), 0u);
  window.settle(1);
  EXPECT_EQ(window.room(), 1u);
  window.settle(2);
  EXPECT_EQ(window.room(), 2u);
}

TEST(Window, SettlingAgainOrTheUnknownChangesNothing) {
  Window window(5, kWindow);
  window.take(3);
  window.settle(6);
  window.settle(6);
  window.settle(3);
  window.settle(8);
  EXPECT_EQ(window.lowest(), 5u);
  EXPECT_EQ(window.next(), 8u);
}

TEST(Window, SkipsNumbersThatReplicasWillNeverExecute) {
  Window window(5, kWindow);
  window.skip_to(1'000'000'000'000);
  EXPECT_EQ(window.take(1), 1'000'000'000'000u);
  window.skip_to(10);
  EXPECT_EQ(window.next(), 1'000'000'000'001u);
}

TEST(WindowProperty, NeverReachesBeyond256AboveTheLowestUnsettled) {
  EXPECT_TRUE(rc::check([](std::vector<std::uint8_t> moves) {
    Window window(1, kWindow);
    std::set<std::uint64_t> open;
    for (const std::uint8_t move : moves) {
      if (move % 2 == 0 && window.room() > 0) {
        const auto count = std::min<std::uint32_t>(window.room(), 1 + move % 64);
        const std::uint64_t first = window.take(count);
        for (std::uint32_t i = 0; i < count; ++i) RC_ASSERT(open.insert(first + i).second);
      } else if (!open.empty()) {
        const auto at = std::next(open.begin(), move % static_cast<long>(open.size()));
        window.settle(*at);
        open.erase(at);
      }
      const std::uint64_t lowest = open.empty() ? window.next() : *open.begin();
      RC_ASSERT(window.lowest() == lowest);
      RC_ASSERT(window.next() <= lowest + kWindow);
    }
  }));
}

}  // namespace
}  // namespace waggle::client
