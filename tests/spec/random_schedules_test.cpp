// Random schedules: messages lost, reordered and repeated, replicas crashed after any step and
// restarted from their disks, one of them losing its disk. Then the network behaves, and the chain
// must move on.
#include "tests/support/bench.hpp"

namespace waggle::testing {
namespace {

using namespace chained;

class RandomSchedule {
 public:
  explicit RandomSchedule(std::uint64_t seed) : rng_(seed), bench_(chain_) {
    bench_.seed = seed;
    loss_ = rng_.below(40);
    bench_.passes = [this](const Envelope&) { return rng_.below(100) >= loss_; };
    for (std::uint32_t id = 0; id < 4; ++id) bench_.start(id);
  }

  void disturb(int steps) {
    for (int i = 0; i < steps; ++i) {
      switch (rng_.below(20)) {
        case 0: submit(); break;
        case 1: fire_any_timer(); break;
        case 2: crash_or_restart(); break;
        case 3: reconnect(); break;
        default: deliver_any();
      }
      ASSERT_FALSE(bench_.forked());
    }
  }

  /// Everybody is up and the network is good: a new command commits everywhere.
  void heal() {
    loss_ = 0;
    for (std::uint32_t id = 0; id < 4; ++id) {
      if (!bench_.running(id)) bench_.start(id);
    }
    for (std::uint32_t a = 0; a < 4; ++a) {
      for (std::uint32_t b = 0; b < 4; ++b) {
        if (a != b) bench_.connect(a, b);
      }
    }
    bench_.run();
    for (std::uint32_t id = 0; id < 4; ++id) bench_.submit(id, "the last one");
    bench_.run();
    const auto done = [&] {
      for (std::uint32_t id = 0; id < 4; ++id) {
        if (!committed_last(id) || bench_.core(id).has_uncommitted_payload()) return false;
      }
      return true;
    };
    int ticks = 0;
    while (!done() && ++ticks < 400) {
      if (!bench_.tick(true)) break;
    }
    EXPECT_TRUE(done()) << state();
    EXPECT_FALSE(bench_.forked());
    for (std::uint32_t id = 0; id < 4; ++id) EXPECT_EQ(bench_.halted(id), "");
  }

 private:
  std::string state() {
    std::string text = "after " + std::to_string(bench_.now().count() / 1000) + " ms\n";
    for (std::uint32_t id = 0; id < 4; ++id) {
      const chained::Core& core = bench_.core(id);
      const SafetyRecord& record = core.record();
      text += "replica " + std::to_string(id) + " view " + std::to_string(record.view.value) +
              " tip " + std::to_string(record.tip.view.value) + " high " +
              std::to_string(record.high_qc->view.value) + " voted " +
              std::to_string(record.last_voted_view.value) + " timeout " +
              std::to_string(record.last_timeout_view.value) + " height " +
              std::to_string(core.tree().head()->height().value) + (core.busy() ? " busy" : "") +
              (core.passive() ? " passive" : "") + (committed_last(id) ? "" : " behind") + "\n";
    }
    return text;
  }
  bool committed_last(std::uint32_t id) {
    const Bytes wanted = chain_.request("the last one");
    for (const BlockPtr& block : bench_.commits(id)) {
      for (const RequestRef& one : block->payload->requests()) {
        const ByteView bytes = one.in(*block->payload->bytes());
        if (std::equal(bytes.begin(), bytes.end(), wanted.begin(), wanted.end())) return true;
      }
    }
    return false;
  }
  void submit() {
    const std::string command = "c" + std::to_string(++commands_);
    for (std::uint32_t id = 0; id < 4; ++id) {
      if (bench_.running(id)) bench_.submit(id, command);
    }
  }
  void fire_any_timer() {
    const auto id = static_cast<std::uint32_t>(rng_.below(4));
    const TimerId timer{static_cast<std::uint32_t>(1 + rng_.below(5))};
    if (bench_.running(id) && bench_.timer_runs(id, timer)) bench_.fire(id, timer);
  }
  void crash_or_restart() {
    const auto id = static_cast<std::uint32_t>(rng_.below(4));
    if (!bench_.running(id)) {
      bench_.start(id);
    } else if (rng_.below(3) == 0) {
      bench_.crash(id);
    } else if (rng_.below(20) == 0 && !lost_) {
      lost_ = true;
      bench_.lose_disk(id);
      bench_.start(id, true);
    } else {
      bench_.restart(id);
    }
  }
  void reconnect() {
    const auto a = static_cast<std::uint32_t>(rng_.below(4));
    if (bench_.running(a)) bench_.connect(a, static_cast<std::uint32_t>((a + 1) % 4));
  }
  void deliver_any() {
    auto& network = bench_.network();
    if (network.empty()) return fire_any_timer();
    const auto at = rng_.below(std::min<std::uint64_t>(network.size(), 12));
    std::swap(network[at], network.front());
    if (rng_.below(20) == 0) network.push_back(network.front());
    bench_.run(1);
  }

  Chain chain_;
  sim::Random rng_;
  Bench bench_;
  std::uint64_t loss_ = 0;
  int commands_ = 0;
  bool lost_ = false;
};

TEST(RandomSchedules, NeverForkAndMoveOnOnceTheNetworkBehaves) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomSchedule run(seed);
    run.disturb(600);
    run.heal();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace waggle::testing
