#pragma once

#include "consensus/chained/guards.hpp"
#include "consensus/chained/record.hpp"

namespace waggle::chained {

/// The rules that must never be wrong: what this replica may sign, given all it ever signed
/// (spec, section 4). The only writer of the safety record. On every success the caller persists
/// record() before the signature leaves the process.
class SafetyRules {
 public:
  SafetyRules(SafetyRecord record, const Guards& guards)
      : record_(std::move(record)), guards_(guards), proposed_(record_.last_proposed_view) {}

  const SafetyRecord& record() const noexcept { return record_; }
  View view() const noexcept { return record_.view; }
  /// 4.10: no votes, timeouts or proposals, and no reports.
  bool passive() const noexcept {
    return record_.rejoin == RejoinPhase::kRejoining && guards_.rejoin_abstains;
  }

  /// Whether a vote in the current view is still open.
  Result<void, Refusal> may_vote() const;
  /// 4.2: votes for a block of the current view that passed 3.1-3.6. It moves the tip.
  Result<void, Refusal> try_vote(const Block& block, const Tip& tip);
  /// 4.4: gives up on the current view; also again, with a tip that may have risen.
  Result<void, Refusal> try_timeout();
  /// 4.3: at most one proposal per view.
  Result<void, Refusal> may_propose() const;
  /// Uses up the one proposal of the current view. Returns true when the record has to be
  /// persisted first because no earlier one reserved the view.
  bool propose();
  /// Reserves a view that this replica leads, so that a record that is persisted anyway covers
  /// the proposal and the proposal need not wait for a sync of its own.
  void reserve_proposal(View view);

  void raise_tip(const Tip& tip);
  void raise_high_qc(const QcPtr& qc);
  /// 4.1: the proof allows the view.
  void enter(View view, ViewProof proof, const ChainConfig& config);
  void move_head(const Digest& head) { record_.head = head; }

  /// 4.10: before the first challenge.
  void begin_rejoin(const Digest& nonce);
  /// 4.10: `certified` is validated and of a view above `bound`.
  void end_rejoin(View bound, const Block& certified);

 private:
  SafetyRecord record_;
  Guards guards_;
  View proposed_;  ///< Highest view that was proposed in, or may have been before a restart.
};

}  // namespace waggle::chained
