#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/integration/byzantine_peer.hpp"
#include "tests/integration/sockets.hpp"
#include "tests/integration/workload.hpp"

namespace waggle::integration {

constexpr auto kPatience = seconds(30);
constexpr std::uint32_t kSelf = 3;
constexpr ReplicaId kTarget{0};

/// Four replicas, one of which is the test itself; it looks at what replica 0 makes of it.
/// Whatever happens, the others must go on afterwards and agree.
class Byzantine : public testing::Test {
 protected:
  void SetUp() override {
    for (std::uint32_t id = 0; id < kSelf; ++id) cluster_.start(id);
    peer_.emplace(cluster_, kSelf);
    for (std::uint32_t id = 0; id < kSelf; ++id) ASSERT_TRUE(peer_->await_connected(ReplicaId{id}));
    client_ = cluster_.open_client();
    must_commit(*client_, put("k", "v"));
    ASSERT_NE(peer_->last_block(), nullptr);
  }
  void TearDown() override {
    must_commit(*cluster_.open_client(), put("k", "w"));
    EXPECT_TRUE(cluster_.await_equal(kPatience));
  }
  double target_metric(const std::string& name, const std::string& label = "") const {
    return metric(http_get(cluster_.ports().metrics(kTarget.value), "/metrics"), name, label);
  }
  double refused(Refusal reason) const {
    return target_metric("waggle_refused_total",
                         "reason=\"" + std::string(to_string(reason)) + "\"");
  }
  /// Waits until the target has counted so many more refusals than `before`.
  void expect_refused(Refusal reason, double before, double more = 1) const {
    EXPECT_TRUE(Cluster::await(seconds(10), [&] { return refused(reason) >= before + more; }))
        << to_string(reason) << ": " << refused(reason) - before << " more";
  }
  /// The target refuses what `send` sends it, for this reason.
  template <class Send>
  void refuses(Refusal reason, Send send) const {
    const double before = refused(reason);
    send();
    expect_refused(reason, before);
  }
  chained::Vote own_vote(View view, const Digest& block) const {
    return peer_->author().vote(view, block);
  }
  void say(const chained::Message& message) { peer_->send(kTarget, message); }

  Cluster cluster_{4, "view_timeout_ms = 300\ntimeout_max_ms = 800\n"};
  std::optional<ByzantinePeer> peer_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace waggle::integration
