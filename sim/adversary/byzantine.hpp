#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "sim/base/random.hpp"

namespace waggle::sim {

/// How a Byzantine replica misbehaves. Behind each is an honest core whose messages are tampered
/// with on their way out.
enum class Fault : std::uint8_t {
  kSilent,            ///< Says nothing at all.
  kMuteLeader,        ///< Never proposes.
  kPartialProposals,  ///< Proposes to some only.
  kEquivocation,      ///< Proposes different blocks to two halves.
  kWithheldVotes,     ///< Never votes, and hides its votes in timeouts.
  kHiddenCertificates,  ///< Collects votes and keeps the certificate.
  kLyingTimeouts,     ///< Reports tips that do not exist, or false ranks.
  kDoubleVotes,       ///< Votes for every block it sees.
  kWithheldBlocks,    ///< Answers no questions.
  kMixed,             ///< Another one of these in every view.
};
inline constexpr std::uint32_t kFaultCount = 10;
std::string_view to_string(Fault fault) noexcept;

class Strategy {
 public:
  struct Setup {
    Fault fault;
    ReplicaId self;
    const ChainConfig& chain;
    const Hasher& hasher;
    const Signer& signer;
    Random rng;
  };
  explicit Strategy(const Setup& setup) : setup_(setup), rng_(setup.rng) {}

  using Messages = std::vector<chained::Message>;
  /// What leaves instead of `message` on its way to `to`.
  Messages tamper(ReplicaId to, const chained::Message& message);
  using Addressed = std::vector<std::pair<ReplicaId, chained::Message>>;
  /// What it says on its own because of what it heard.
  Addressed hear(const chained::Message& message);

 private:
  Fault current(View view) const;
  Messages tamper_proposal(ReplicaId to, const chained::Proposal& proposal);
  Messages tamper_timeout(ReplicaId to, const chained::TimeoutMessage& message);
  BlockPtr twin_of(const Block& block);

  const Setup setup_;
  Random rng_;
  PayloadPtr spare_;  ///< A payload that is not empty, for twins of empty blocks.
  View view_{1};      ///< The highest it spoke in.
};

}  // namespace waggle::sim
