#include "consensus/chained/safety.hpp"

#include <algorithm>

namespace waggle::chained {

Result<void, Refusal> SafetyRules::may_vote() const {
  if (passive()) return Unexpected{Refusal::kPassive};  // 4.10
  if (guards_.one_vote_per_view && record_.view <= record_.last_voted_view) {
    return Unexpected{Refusal::kAlreadyVoted};  // 4.2: v > last_voted_view
  }
  if (guards_.no_vote_after_timeout && record_.view <= record_.last_timeout_view) {
    return Unexpected{Refusal::kAlreadyTimedOut};  // 4.2: v > last_timeout_view
  }
  return {};
}

Result<void, Refusal> SafetyRules::try_vote(const Block& block, const Tip& tip) {
  if (block.view() != record_.view) return Unexpected{Refusal::kStaleView};  // 4.2: v is current
  if (auto open = may_vote(); !open) return open;
  record_.last_voted_view = block.view();
  record_.last_voted_block = block.id;
  record_.tip = tip;
  return {};
}

Result<void, Refusal> SafetyRules::try_timeout() {
  if (passive()) return Unexpected{Refusal::kPassive};  // 4.10
  // 4.4: never after voting in a view above, nor with a tip of a view above.
  ENSURE(record_.last_voted_view <= record_.view);
  ENSURE(record_.tip.view <= record_.view);
  record_.last_timeout_view = std::max(record_.last_timeout_view, record_.view);
  return {};
}

Result<void, Refusal> SafetyRules::may_propose() const {
  if (passive()) return Unexpected{Refusal::kPassive};
  if (record_.view <= proposed_) return Unexpected{Refusal::kAlreadyVoted};  // 4.3
  if (record_.view <= record_.last_timeout_view) return Unexpected{Refusal::kAlreadyTimedOut};
  return {};
}

bool SafetyRules::propose() {
  ENSURE(may_propose().has_value());
  proposed_ = record_.view;
  const bool reserved = record_.last_proposed_view >= record_.view;
  reserve_proposal(record_.view);
  return !reserved;
}

void SafetyRules::reserve_proposal(View view) {
  record_.last_proposed_view = std::max(record_.last_proposed_view, view);
}

void SafetyRules::raise_tip(const Tip& tip) {
  if (tip.view > record_.tip.view) record_.tip = tip;
}

void SafetyRules::raise_high_qc(const QcPtr& qc) {
  if (qc->view > record_.high_qc->view) record_.high_qc = qc;
}

void SafetyRules::enter(View view, ViewProof proof, const ChainConfig& config) {
  ENSURE(view > record_.view, "views only rise");
  ENSURE(!guards_.stay_until_certified || proof.proves(config) >= view);
  record_.view = view;
  record_.entry = std::move(proof);
}

void SafetyRules::begin_rejoin(const Digest& nonce) {
  record_.rejoin = RejoinPhase::kRejoining;
  record_.rejoin_nonce = nonce;
}

void SafetyRules::end_rejoin(View bound, const Block& certified) {
  ENSURE(certified.view() > bound || !guards_.rejoin_on_certified,
         "4.10: the block that ends a rejoin is newer than the bound");
  record_.rejoin = RejoinPhase::kNone;
  record_.rejoin_bound = bound;
  record_.last_voted_view = bound;
  record_.last_voted_block = Digest{};
  record_.last_timeout_view = bound;
  reserve_proposal(bound);
  proposed_ = record_.last_proposed_view;
  record_.tip = certified.tip();
}

}  // namespace waggle::chained
