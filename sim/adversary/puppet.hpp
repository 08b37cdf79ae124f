#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/adversary/overheard.hpp"
#include "sim/adversary/plan.hpp"

namespace waggle::sim {

/// A Byzantine replica that follows a plan: blocks, certificates, timeouts and votes are sent to
/// whom the plan names, each as soon as its ingredients are there. Who asks it for blocks gets all
/// that it knows. Its own core listens; it speaks, too, only if `core_speaks`.
class Puppet final : public Adversary {
 public:
  /// The setup names a plan.
  Puppet(const AdversarySetup& setup, bool core_speaks);

  void tamper(Outgoing message, Out& out) override;
  void hear(ReplicaId from, const chained::Message& message, Out& out) override;
  bool lets_in(ReplicaId from, const chained::Message& message) override;

  /// Steps of the plan that were taken.
  std::size_t taken() const noexcept { return taken_; }

 private:
  /// Takes as many steps as it can.
  void go_on(Out& out);
  // The message of a step; nothing while an ingredient is missing.
  std::optional<chained::Message> make(const BlockStep& step);
  std::optional<chained::Message> make(const QcStep& step) const;
  std::optional<chained::Message> make(const TcStep& step) const;
  std::optional<chained::Message> make(const TimeoutStep& step) const;
  std::optional<chained::Message> make(const VoteStep& step) const;

  // Null or nothing while it cannot be made.
  BlockPtr block(const std::string& name) const;
  QcPtr certificate(const PlannedQc& planned) const;
  TcPtr certificate(View view, const std::vector<PlannedTimeout>& planned) const;
  std::optional<Tip> tip(const PlannedTip& planned) const;
  std::optional<Timeout> timeout(View view, const PlannedTimeout& planned) const;
  PayloadPtr payload(std::uint32_t copies) const;
  Timeout own_timeout(View view, const Tip& tip) const;
  Signature own_vote(const Block& block) const;

  const AdversarySetup setup_;
  const bool core_speaks_;
  Overheard heard_;
  std::map<std::string, BlockPtr, std::less<>> made_;
  std::size_t taken_ = 0;
};

}  // namespace waggle::sim
