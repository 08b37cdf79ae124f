// kill -9 under load, again and again, then of all replicas at once. WAGGLE_CHAOS_SECONDS says how
// long (default 20), WAGGLE_CHAOS_SEED repeats the choices of a run.
#include <algorithm>
#include <iostream>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/workload.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = seconds(30);

struct Kill {
  Clock::time_point at;
  bool leader = false;  ///< It was the leader when it was asked last, right before.
};

void print_gaps(const Workload& load, const std::vector<Kill>& kills) {
  std::vector<double> gaps;
  std::vector<double> leader_gaps;
  for (const Kill& kill : kills) {
    const double gap = load.longest_gap(kill.at, kill.at + seconds(2));
    gaps.push_back(gap);
    if (kill.leader) leader_gaps.push_back(gap);
  }
  for (auto* list : {&gaps, &leader_gaps}) {
    if (list->empty()) continue;
    std::sort(list->begin(), list->end());
    std::cout << fmt::format("longest pause after {} {}: median {:.2f} s, worst {:.2f} s\n",
                             list->size(), list == &gaps ? "kills" : "of them, of a leader",
                             (*list)[list->size() / 2], list->back());
  }
}

/// Kills all at once and starts them: the time from there to the first commit.
double kill_all(Cluster& cluster, const Workload& load) {
  cluster.kill_all();
  cluster.start_all();
  const auto took = load.time_to_commit(kPatience);
  EXPECT_TRUE(took) << "no progress after all were killed";
  return took.value_or(-1);
}

TEST(Chaos, NothingIsLostOrDoneTwice) {
  const std::uint64_t seed = from_environment("WAGGLE_CHAOS_SEED", std::random_device{}());
  const seconds duration(from_environment("WAGGLE_CHAOS_SECONDS", 20));
  SCOPED_TRACE("WAGGLE_CHAOS_SEED=" + std::to_string(seed));
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  const auto up_to = [&random](std::uint64_t max) { return milliseconds(random() % max); };

  Cluster cluster;
  cluster.start_all();
  Workload load(cluster, 4, seed);
  ASSERT_TRUE(load.time_to_commit(kPatience));

  std::vector<Kill> kills;
  const auto begin = Clock::now();
  while (Clock::now() - begin < duration) {
    std::this_thread::sleep_for(milliseconds(1000) + up_to(2000));
    const auto victim = static_cast<std::uint32_t>(random() % cluster.n());
    const auto answer = cluster.status(victim);
    kills.push_back({Clock::now(), answer && answer->leader.value == victim});
    cluster.kill(victim);
    std::this_thread::sleep_for(up_to(1500));
    cluster.start(victim);
    if (random() % 4 == 0) {  // once more, while it starts or catches up
      std::this_thread::sleep_for(up_to(300));
      cluster.kill(victim);
      cluster.start(victim);
    }
    ASSERT_TRUE(load.time_to_commit(kPatience)) << "no progress after replica " << victim;
    cluster.statuses();
  }
  const double spent = seconds_since(begin);
  const std::uint64_t during = load.acknowledged();

  const double recovered = kill_all(cluster, load);
  // Again while they start, and again while they have just begun to commit.
  cluster.kill_all();
  cluster.start_all();
  std::this_thread::sleep_for(up_to(300));
  const double again = kill_all(cluster, load);
  std::this_thread::sleep_for(seconds(2));
  load.stop();

  std::cout << fmt::format("{} commands in {:.0f} s with {} kills: {:.0f} per second\n", during,
                           spent, kills.size(), static_cast<double>(during) / spent);
  print_gaps(load, kills);
  std::cout << fmt::format("first commit {:.2f} s and {:.2f} s after all were killed\n", recovered,
                           again);
  std::cout << fmt::format("{} outcomes had to be asked for again\n", load.resumed());
  for (std::uint32_t i = 0; i < cluster.n(); ++i) {
    std::cout << fmt::format("replica {}: {:.0f} MB in memory\n", i,
                             static_cast<double>(cluster.process(i).resident_bytes()) / 1e6);
  }
  load.verify(*cluster.open_client());
  EXPECT_TRUE(cluster.await_active(kPatience));
  EXPECT_TRUE(cluster.await_equal(kPatience));
}

}  // namespace
}  // namespace waggle::integration
