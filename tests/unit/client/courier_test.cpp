#include "smr/client/courier.hpp"

#include "smr/client/preference.hpp"

namespace waggle::client {
namespace {

using std::chrono::milliseconds;

/// Counts up: chance that can be foreseen.
class Counter final : public Rng {
 public:
  std::uint64_t next() noexcept override { return value_++; }

 private:
  std::uint64_t value_ = 0;
};

class CourierTest : public testing::Test {
 protected:
  std::vector<std::uint32_t> due(Courier& courier, Duration now) {
    std::vector<std::uint32_t> ids;
    for (const ReplicaId id : courier.due(now, settled_, rng_)) ids.push_back(id.value);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  using Ids = std::vector<std::uint32_t>;

  std::vector<bool> up_ = std::vector<bool>(4, true);
  std::vector<bool> settled_ = std::vector<bool>(4, false);
  Timing timing_;
  Counter rng_;
};

TEST_F(CourierTest, StartsWithFPlusOneOfTheOrder) {
  Courier courier(up_, 2, Preference(4, 3).order(), timing_, Duration{0});
  EXPECT_EQ(due(courier, Duration{0}), (Ids{0, 3}));
  EXPECT_EQ(due(courier, milliseconds(1)), Ids{}) << "once is enough";
}

TEST_F(CourierTest, PassesOverWhoIsNotConnected) {
  up_[1] = false;
  Courier courier(up_, 2, Preference(4, 1).order(), timing_, Duration{0});
  EXPECT_EQ(due(courier, Duration{0}), (Ids{2, 3}));
}

TEST_F(CourierTest, SendsAsSoonAsSomebodyIsConnected) {
  up_.assign(4, false);
  Courier courier(up_, 2, Preference(4, 0).order(), timing_, Duration{0});
  EXPECT_EQ(due(courier, Duration{0}), Ids{});
  up_[2] = true;
  EXPECT_EQ(due(courier, milliseconds(1)), Ids{2});
  up_[0] = up_[1] = up_[3] = true;
  EXPECT_EQ(due(courier, milliseconds(2)), (Ids{0, 1})) << "0 and 1 come first in its order";
}

TEST_F(CourierTest, ReplacesALostConnection) {
  Courier courier(up_, 2, Preference(4, 0).order(), timing_, Duration{0});
  EXPECT_EQ(due(courier, Duration{0}), (Ids{0, 1}));
  up_[0] = false;
  courier.connection_lost(ReplicaId{0});
  EXPECT_EQ(due(courier, milliseconds(1)), Ids{2});
}

TEST_F(CourierTest, FallsBackToEverybodyAfterAWhile) {
  Courier courier(up_, 2, Preference(4, 0).order(), timing_, Duration{0});
  due(courier, Duration{0});
  EXPECT_EQ(courier.next(), timing_.fallback_after);
  EXPECT_EQ(due(courier, timing_.fallback_after - milliseconds(1)), Ids{});
  EXPECT_EQ(due(courier, timing_.fallback_after), (Ids{2, 3}));
}

TEST_F(CourierTest, TellsHowLongItTookIfOneOfTheFirstAnswered) {
  Courier courier(up_, 2, Preference(4, 0).order(), timing_, milliseconds(5));
  due(courier, milliseconds(5));
  due(courier, courier.next());  // to everybody
  settled_[2] = settled_[3] = true;
  EXPECT_EQ(courier.took(milliseconds(400), settled_), std::nullopt);
  settled_[1] = true;
  EXPECT_EQ(courier.took(milliseconds(400), settled_), milliseconds(395));
}

TEST_F(CourierTest, HurriesWhenAnAnswerCame) {
  Courier courier(up_, 2, Preference(4, 0).order(), timing_, Duration{0});
  due(courier, Duration{0});
  courier.hurry(milliseconds(10));
  EXPECT_EQ(courier.next(), milliseconds(10) + timing_.straggler_after);
  settled_[0] = true;
  EXPECT_EQ(due(courier, courier.next()), (Ids{2, 3}));
}

TEST_F(CourierTest, RepeatsAtGrowingJitteredIntervalsToThoseWhoAreMissing) {
  Courier courier(up_, 2, Preference(4, 0).order(), timing_, Duration{0});
  Duration now = timing_.fallback_after;
  due(courier, now);
  settled_[1] = true;
  Duration interval = timing_.retry_min;
  for (int round = 0; round < 6; ++round) {
    const Duration wait = courier.next() - now;
    EXPECT_GE(wait, interval / 2);
    EXPECT_LE(wait, interval);
    now = courier.next();
    EXPECT_EQ(due(courier, now), (Ids{0, 2, 3}));
    interval = std::min(interval * 2, timing_.retry_max);
  }
}

}  // namespace
}  // namespace waggle::client
