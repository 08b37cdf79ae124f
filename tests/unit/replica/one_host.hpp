#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "consensus/pbeegees/rules.hpp"
#include "sim/base/random.hpp"
#include "smr/replica/host.hpp"
#include "tests/support/chain.hpp"
#include "tests/unit/replica/fake_environment.hpp"

namespace waggle::smr {

/// Replica 0 of four, not started. Replica 3 leads every view, unless told otherwise, and is the
/// test's voice.
class OneHost : public ::testing::Test {
 protected:
  struct With {
    std::vector<std::uint32_t> leaders = std::vector<std::uint32_t>(20, 3);
    std::size_t mempool_requests = 10;
    bool rejoin = false;
  };
  OneHost() : OneHost(With{}) {}
  explicit OneHost(const With& with)
      : chain_(4, with.leaders),
        host_({.chain = chain_.config,
               .rules = rules_,
               .self = ReplicaId{0},
               .hasher = chain_.hasher,
               .signer = chain_.signer(0),
               .rng = rng_,
               .pacemaker = {},
               .mempool = {.requests_max = with.mempool_requests}},
              environment_, recover(environment_.storage, chain_.config, chain_.hasher).value(),
              with.rejoin) {}

  static constexpr TimerId kForwardTimer{64};  // Host's own
  static constexpr TimerId kReportTimer{65};   // once a second

  void deliver(std::uint32_t from, chained::Message message) {
    auto verified = chain_.validate(std::move(message), from);
    ASSERT_TRUE(verified);
    host_.on_message(*verified);
  }
  /// A request of one command that nobody waits for.
  void submit(std::uint32_t client, std::uint64_t number, const std::string& command = "a") {
    auto bytes = std::make_shared<const Bytes>(chain_.request(client, number, {command}));
    auto checked = check_request(std::move(bytes), chain_.config, chain_.ring);
    ASSERT_TRUE(checked);
    host_.on_request(std::nullopt, *checked);
  }

  testing::Chain chain_;
  FakeEnvironment environment_;
  sim::Random rng_{1};
  pbeegees::Rules rules_;
  Host host_;
};

}  // namespace waggle::smr
