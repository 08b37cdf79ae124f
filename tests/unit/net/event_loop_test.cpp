#include "net/event_loop.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace waggle::net {
namespace {

using std::chrono::seconds;

TEST(EventLoop, RunsWhatIsPostedInOrderAndNotAtOnce) {
  EventLoop loop;
  std::vector<int> seen;
  loop.post([&] {
    loop.post([&] { seen.push_back(2); });
    seen.push_back(1);
  });
  EXPECT_TRUE(seen.empty());
  EXPECT_TRUE(loop.run_until([&] { return seen.size() == 2; }, seconds(5)));
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(EventLoop, TakesPostsFromOtherThreads) {
  EventLoop loop;
  int count = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) loop.post([&] { ++count; });
  });
  EXPECT_TRUE(loop.run_until([&] { return count == 1000; }, seconds(5)));
  other.join();
}

TEST(EventLoop, StopsFromAnotherThreadAndGoesOnLater) {
  EventLoop loop;
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
  bool ran = false;
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(EventLoop, AStopBeforeTheRunEndsIt) {
  EventLoop loop;
  loop.stop();
  loop.run();
}

TEST(EventLoop, GivesUpWaitingAtTheDeadline) {
  EventLoop loop;
  EXPECT_FALSE(loop.run_until([] { return false; }, Duration(2000)));
}

TEST(EventLoop, TimersFireInTheirOrder) {
  EventLoop loop;
  std::vector<int> seen;
  const Timer late = loop.run_after(Duration(4000), [&] { seen.push_back(2); });
  const Timer early = loop.run_after(Duration(1000), [&] { seen.push_back(1); });
  EXPECT_TRUE(loop.run_until([&] { return seen.size() == 2; }, seconds(5)));
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(EventLoop, ATimerThatWasCancelledOrStartedAnewDoesNotFire) {
  EventLoop loop;
  bool wrong = false, right = false;
  Timer cancelled = loop.run_after(Duration(0), [&] { wrong = true; });
  cancelled.cancel();
  Timer restarted = loop.run_after(Duration(0), [&] { wrong = true; });
  restarted.start(Duration(3000), [&] { right = true; });
  {
    const Timer gone = loop.run_after(Duration(0), [&] { wrong = true; });
  }
  EXPECT_TRUE(loop.run_until([&] { return right; }, seconds(5)));
  EXPECT_FALSE(wrong);
}

TEST(EventLoop, ATimerIsCancelledEvenWhenItsTimeHasCome) {
  EventLoop loop;
  bool wrong = false, first = false;
  Timer second(loop);
  Timer timer = loop.run_after(Duration(1000), [&] {
    first = true;
    second.cancel();
  });
  second.start(Duration(1000), [&] { wrong = true; });
  std::this_thread::sleep_for(std::chrono::milliseconds(3));  // both are due when the loop begins
  EXPECT_TRUE(loop.run_until([&] { return first; }, seconds(5)));
  loop.run_until([] { return false; }, Duration(1000));
  EXPECT_FALSE(wrong);
}

TEST(EventLoop, HearsSignals) {
  EventLoop loop;
  std::vector<int> heard;
  loop.on_signal([&](int signal) { heard.push_back(signal); });
  std::raise(SIGTERM);
  EXPECT_TRUE(loop.run_until([&] { return heard.size() == 1; }, seconds(5)));
  std::raise(SIGINT);
  EXPECT_TRUE(loop.run_until([&] { return heard.size() == 2; }, seconds(5)));
  EXPECT_EQ(heard, (std::vector<int>{SIGTERM, SIGINT}));
}

TEST(EventLoop, HearsSignalsThatCameBeforeItListened) {
  EventLoop::hold_signals();
  std::raise(SIGTERM);
  EventLoop loop;
  std::vector<int> heard;
  loop.on_signal([&](int signal) { heard.push_back(signal); });
  EXPECT_TRUE(loop.run_until([&] { return !heard.empty(); }, seconds(5)));
  EXPECT_EQ(heard, std::vector<int>{SIGTERM});
}

}  // namespace
}  // namespace waggle::net
