#pragma once

#include <optional>

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

  void tamper(Outgoing message, Out& out) override;
  void hear(ReplicaId from, const chained::Message& message, Out& out) override;

 private:
  Fault current(View view) const;
  /// What leaves instead; nothing: it stays in.
  std::optional<chained::Message> tampered(ReplicaId to, const chained::Message& message);
  std::optional<chained::Message> tampered(ReplicaId to, const chained::Proposal& proposal);
  std::optional<chained::Message> tampered(const chained::TimeoutMessage& message);
  BlockPtr twin_of(const Block& block);

  const Fault fault_;
  const AdversarySetup setup_;
  Random rng_;
  PayloadPtr spare_;  ///< A payload that is not empty, for twins of empty blocks.
  View view_{1};      ///< The highest it spoke in.
};

}  // namespace waggle::sim
