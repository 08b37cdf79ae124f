#pragma once

#include "sim/adversary/adversary.hpp"

namespace waggle::sim {

/// How a replica misbehaves (registry.cpp names and describes each).
enum class Fault : std::uint8_t {
  kSilent,
  kMuteLeader,
  kPartialProposals,
  kEquivocation,
  kWithheldVotes,
  kHiddenCertificates,
  kLyingTimeouts,
  kDoubleVotes,
  kWithheldBlocks,
  kMixed,
};
inline constexpr std::uint32_t kFaultCount = 10;

/// Any one of these faults, from the first message to the last.
class Strategy final : public Adversary {
 public:
  Strategy(Fault fault, const AdversarySetup& setup)
      : fault_(fault), setup_(setup), rng_(setup.rng) {}

  Messages tamper(ReplicaId to, const chained::Message& message) override;
  Addressed hear(const chained::Message& message) override;

 private:
  Fault current(View view) const;
  Messages tamper_proposal(ReplicaId to, const chained::Proposal& proposal);
  Messages tamper_timeout(ReplicaId to, const chained::TimeoutMessage& message);
  BlockPtr twin_of(const Block& block);

  const Fault fault_;
  const AdversarySetup setup_;
  Random rng_;
  PayloadPtr spare_;  ///< A payload that is not empty, for twins of empty blocks.
  View view_{1};      ///< The highest it spoke in.
};

}  // namespace waggle::sim
