#include "sim/world/network.hpp"

#include <gtest/gtest.h>

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A network of four, and when what was sent arrives.
struct Fixture {
  explicit Fixture(const NetworkOptions& options) : network(4, options, events, trace, Random(1)) {}

  void send(std::uint32_t from, std::uint32_t to, std::uint32_t bytes = 100,
            std::string_view kind = "vote", View view = View{1}) {
    network.send(Wire{Address{from}, Address{to}, kind, view, nullptr, bytes, true, view},
                 [this](std::uint64_t number) { arrived.emplace_back(events.now(), number); });
  }
  void run() {
    while (!events.empty()) events.run_next();
  }

  EventQueue events;
  Trace trace;
  Network network;
  std::vector<std::pair<Duration, std::uint64_t>> arrived;
};

NetworkOptions constant(Duration delay) {
  NetworkOptions options;
  options.quality.latency = Latency::constant(delay);
  return options;
}

TEST(Network, DelaysLosesAndDoubles) {
  NetworkOptions options = constant(milliseconds(3));
  options.quality.lost = permille(200);
  options.quality.doubled = permille(100);
  Fixture net(options);
  for (int i = 0; i < 10'000; ++i) net.send(0, 1);
  net.run();
  EXPECT_NEAR(static_cast<double>(net.arrived.size()), 8800, 200);
  EXPECT_EQ(net.arrived.front().first, milliseconds(3));
  EXPECT_EQ(net.trace.count(EventKind::kSend), 10'000U);
  EXPECT_NEAR(static_cast<double>(net.trace.count(EventKind::kDrop)), 2000, 150);
  EXPECT_EQ(net.network.bytes(), 1'000'000U);
}

TEST(Network, OvertakesUnlessFifo) {
  for (const bool fifo : {false, true}) {
    NetworkOptions options;
    options.quality.latency = Latency::uniform(milliseconds(1), milliseconds(50));
    options.quality.fifo = fifo;
    Fixture net(options);
    for (int i = 0; i < 100; ++i) net.send(0, 1);
    net.run();
    const bool in_order =
        std::is_sorted(net.arrived.begin(), net.arrived.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
    EXPECT_EQ(in_order, fifo);
  }
}

TEST(Network, BandwidthQueuesAndDropsWhatFindsNoRoom) {
  NetworkOptions options = constant(Duration{0});
  options.quality.bytes_per_second = 1'000'000;
  options.quality.queue_bytes_max = 10'000;
  Fixture net(options);
  for (int i = 0; i < 20; ++i) net.send(0, 1, 1000);
  net.send(0, 2, 1000);  // another link
  net.run();
  // One millisecond each, and eleven of them: one under way and ten in the queue.
  ASSERT_EQ(net.arrived.size(), 12U);
  EXPECT_EQ(net.arrived[0].first, milliseconds(1));
  EXPECT_EQ(net.arrived[1].first, milliseconds(1));
  EXPECT_EQ(net.arrived[11].first, milliseconds(11));
}

TEST(Network, TheUplinkIsSharedByAllLinksOfASender) {
  NetworkOptions options = constant(Duration{0});
  options.uplink_bytes_per_second = 1'000'000;
  Fixture net(options);
  for (std::uint32_t to = 1; to < 4; ++to) net.send(0, to, 1000);
  net.send(1, 0, 1000);
  net.run();
  std::vector<Duration> times;
  for (const auto& [at, number] : net.arrived) times.push_back(at);
  EXPECT_EQ(times, (std::vector<Duration>{milliseconds(1), milliseconds(1), milliseconds(2),
                                          milliseconds(3)}));
}

TEST(Network, CutsAreOneWayAndCounted) {
  Fixture net(constant(Duration{1}));
  net.network.cut(ReplicaId{0}, ReplicaId{1});
  net.network.cut(ReplicaId{0}, ReplicaId{1});
  net.send(0, 1);
  net.send(1, 0);
  net.run();
  EXPECT_EQ(net.arrived.size(), 1U);
  EXPECT_FALSE(net.network.uncut(ReplicaId{0}, ReplicaId{1}));
  EXPECT_TRUE(net.network.uncut(ReplicaId{0}, ReplicaId{1}));
  EXPECT_FALSE(net.network.uncut(ReplicaId{0}, ReplicaId{1}));
  net.network.cut(ReplicaId{2}, ReplicaId{1});
  const auto healed = net.network.heal();
  ASSERT_EQ(healed.size(), 1U);
  EXPECT_EQ(healed[0], std::pair(Address{1}, Address{2}));
  EXPECT_FALSE(net.network.is_cut(ReplicaId{2}, ReplicaId{1}));
}

TEST(Network, RulesSingleOutMessages) {
  Fixture net(constant(milliseconds(1)));
  const std::uint64_t drop =
      net.network.add_rule({.from = {0}, .to = {}, .kind = "vote", .view_min = View{2}});
  net.network.add_rule(
      {.from = {}, .to = {3}, .kind = "", .share = {1'000'000}, .delay = milliseconds(9)});
  net.send(0, 1, 1, "vote", View{1});
  net.send(0, 1, 1, "vote", View{2});
  net.send(0, 1, 1, "proposal", View{2});
  net.send(2, 3);
  net.run();
  ASSERT_EQ(net.arrived.size(), 3U);
  EXPECT_EQ(net.arrived.back().first, milliseconds(10));
  net.network.remove_rule(drop);
  net.send(0, 1, 1, "vote", View{2});
  net.run();
  EXPECT_EQ(net.arrived.size(), 4U);
}

TEST(Network, BehavesFromGstOn) {
  NetworkOptions options = constant(milliseconds(1));
  options.before_gst = constant(seconds(1)).quality;
  options.links.push_back({{0}, {2}, constant(milliseconds(5)).quality});
  Fixture net(options);
  net.send(0, 1);
  net.send(0, 2);
  net.network.reach_gst();
  net.send(0, 1);
  net.send(0, 2);
  net.run();
  std::vector<Duration> times;
  for (const auto& [at, number] : net.arrived) times.push_back(at);
  EXPECT_EQ(times,
            (std::vector<Duration>{milliseconds(1), milliseconds(5), seconds(1), seconds(1)}));
}

TEST(Network, RegionsAddDistance) {
  NetworkOptions options = constant(milliseconds(1));
  options.regions.of_replica = {0, 1, 0, 1};
  options.regions.delay = {{Duration{0}, milliseconds(40)}, {milliseconds(50), Duration{0}}};
  Fixture net(options);
  net.send(0, 2);
  net.send(0, 1);
  net.send(1, 0);
  net.run();
  EXPECT_EQ(net.arrived[0].first, milliseconds(1));
  EXPECT_EQ(net.arrived[1].first, milliseconds(41));
  EXPECT_EQ(net.arrived[2].first, milliseconds(51));
}

TEST(Network, ARuleBetweenGroupsEndsSoLongAfterItsViewBegan) {
  Fixture net(constant(milliseconds(1)));
  net.network.add_rule({.view_min = View{2},
                        .view_max = View{2},
                        .between = {{0, 1}, {2}},
                        .hold = milliseconds(10)});
  const auto arrives = [&](std::uint32_t from, std::uint32_t to, View view) {
    net.arrived.clear();
    net.send(from, to, 100, "vote", view);
    net.run();
    return net.arrived.size() == 1;
  };
  net.events.advance_to(milliseconds(50));
  EXPECT_TRUE(arrives(0, 2, View{1})) << "about another view";
  EXPECT_FALSE(arrives(0, 2, View{2}));
  EXPECT_FALSE(arrives(2, 1, View{2}));
  EXPECT_FALSE(arrives(3, 2, View{2})) << "those in no group are a group too";
  EXPECT_TRUE(arrives(0, 1, View{2}));
  EXPECT_TRUE(arrives(0, 2, View{3}));
  net.events.advance_to(milliseconds(61));
  EXPECT_TRUE(arrives(0, 2, View{2})) << "10 ms after the first message of view 2";
}

TEST(Network, WhatStatesNoViewIsAboutThatOfItsSender) {
  Wire wire{Address{0}, Address{1}, "heartbeat", View{3}, nullptr, 100, false, View{5}};
  EXPECT_EQ(wire.about(), View{5});
  wire.states_view = true;
  EXPECT_EQ(wire.about(), View{3});
}

}  // namespace
}  // namespace waggle::sim
