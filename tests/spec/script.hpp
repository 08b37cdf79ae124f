#pragma once

#include <gtest/gtest.h>

#include "tests/support/bench.hpp"

namespace waggle::testing {

/// The setting of section 9: n = 4, f = 1, honest h0-h2 run, Z (replica 3) is the test's voice and
/// may lead several views. Votes of h0-h2 reach nobody by themselves: scripts deliver.
struct Script {
  explicit Script(std::vector<std::uint32_t> leaders, const chained::Guards& guards = {})
      : Script(std::move(leaders), std::make_unique<pbeegees::Rules>(guards)) {}
  Script(std::vector<std::uint32_t> leaders, std::unique_ptr<const chained::Rules> rules)
      : chain(4, std::move(leaders)), bench(chain, std::move(rules)) {
    for (std::uint32_t id = 0; id < 3; ++id) bench.start(id);
    bench.passes = [](const Envelope&) { return false; };
  }

  static constexpr std::uint32_t kZ = 3;

  BlockPtr block(std::uint64_t view, const BlockPtr& parent, const QcPtr& qc, TcPtr tc = nullptr,
                 std::vector<std::string> commands = {}) {
    return chain.block({view, parent, qc, std::move(tc), std::move(commands)});
  }
  /// A block in the fast form, with a payload, on the block that `qc` certifies.
  BlockPtr fast(const BlockPtr& parent) {
    return block(parent->view().value + 1, parent, chain.qc(*parent));
  }

  /// Hands the proposal to a replica; true if it votes for it.
  bool votes(std::uint32_t replica, BlockPtr block) {
    const std::uint32_t proposer = block->header.proposer.value;
    const auto signed_block = chain.signed_by(proposer, chained::Proposal{block});
    const auto* vote = find_message<chained::Vote>(bench.deliver(replica, proposer, signed_block));
    return vote != nullptr && vote->block == block->id;
  }
  /// The reason why the last refused proposal was refused.
  Refusal why(std::uint32_t replica) const {
    return bench.refusals(replica).empty() ? Refusal::kMalformed : bench.refusals(replica).back();
  }
  const Bench::Effects& give(std::uint32_t replica, const QcPtr& qc) {
    return bench.deliver(replica, kZ, chained::Certificate{{qc}});
  }
  const Bench::Effects& give(std::uint32_t replica, const TcPtr& tc) {
    return bench.deliver(replica, kZ, chained::Certificate{{tc}});
  }
  const Bench::Effects& give_timeout(std::uint32_t to, std::uint32_t from, std::uint64_t view,
                                     const Tip& tip) {
    return bench.deliver(to, from, chained::TimeoutMessage{chain.timeout(from, view, tip)});
  }
  const chained::SafetyRecord& record(std::uint32_t replica) {
    return bench.core(replica).record();
  }

  Chain chain;
  Bench bench;
};

/// Guards with one of them removed.
template <class Member>
chained::Guards without(Member member) {
  chained::Guards guards;
  guards.*member = false;
  return guards;
}

}  // namespace waggle::testing
