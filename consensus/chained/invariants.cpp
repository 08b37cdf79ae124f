#include "consensus/chained/invariants.hpp"

#include <algorithm>

namespace waggle::chained {

void Invariants::check(const BlockTree& tree, const SafetyRecord& record, const ChainConfig& config,
                       const Rules& rules) const {
  const Guards& guards = rules.guards();
  const bool abstains = guards.rejoin_abstains && guards.rejoin_on_certified;
  ENSURE(record.last_voted_view <= record.view || !abstains, "no vote ahead");
  ENSURE(record.last_timeout_view <= record.view || !abstains, "no timeout ahead");
  ENSURE(record.high_qc->view < record.view, "4.1: a QC enters the next view");
  ENSURE(record.tip.view <= record.view, "4.4: no tip above the view");
  if (guards.stay_until_certified) {
    ENSURE(record.entry.proves(config) >= record.view, "4.1: a view is entered by proof");
  }
  ENSURE(record.head == tree.head()->id(), "the record names the head");
  ENSURE(tree.head()->connected() && tree.head()->valid(), "the head is valid");
  if (record.rejoin == RejoinPhase::kNone && guards.tip_follows_vote) {
    const Node* tip = tree.find(record.tip.block);
    ENSURE(tip != nullptr, "3.7b: the tip is held");
    ENSURE(tip->block->tip() == record.tip, "3.7b: the tip's rank is its own");
  }
  rules.check_invariants(tree, record);
  const Seen now{
      record.last_voted_view, record.last_timeout_view, record.last_proposed_view, record.view,
      record.high_qc->view,   record.tip.view,          tree.head()->height(),     record.rejoin};
  if (seen_) {
    ENSURE(now.last_voted >= seen_->last_voted, "votes rise");
    ENSURE(now.last_timeout >= seen_->last_timeout, "timeouts rise");
    ENSURE(now.last_proposed >= seen_->last_proposed, "proposals rise");
    ENSURE(now.view >= seen_->view, "views rise");
    ENSURE(now.high_qc >= seen_->high_qc, "the highest QC rises");
    ENSURE(now.head >= seen_->head, "commits are final");
    ENSURE(now.tip >= seen_->tip || now.rejoin != seen_->rejoin, "tips rise");
    ENSURE(now.rejoin == seen_->rejoin || now.rejoin == RejoinPhase::kNone,
           "a running replica does not lose its memory");
  }
  seen_ = now;
}

void Invariants::check_effects(std::span<const Effect<Message, Record>> effects,
                               const SafetyRecord& record, const Guards& guards) {
  if (!persisted_any_) {  // What was recovered was durable.
    persisted_any_ = true;
    persisted_vote_ = seen_ ? seen_->last_voted : View{0};
    persisted_timeout_ = seen_ ? seen_->last_timeout : View{0};
    persisted_proposal_ = seen_ ? seen_->last_proposed : View{0};
  }
  const auto covered = [&](const Message& message) {
    if (const auto* vote = std::get_if<Vote>(&message)) {
      ENSURE(vote->view <= persisted_vote_, "a vote that is not on disk does not exist");
    } else if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) {
      ENSURE(timeout->timeout.view <= persisted_timeout_, "a timeout is durable before sent");
      ENSURE(timeout->timeout.tip.view <= timeout->timeout.view, "4.4");
    } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
      ENSURE(proposal->block->view() <= persisted_proposal_, "a proposal is reserved before sent");
    }
  };
  for (const auto& effect : effects) {
    if (const auto* persist = std::get_if<Persist<Record>>(&effect)) {
      persisted_vote_ = std::max(persisted_vote_, persist->record.safety.last_voted_view);
      persisted_timeout_ = std::max(persisted_timeout_, persist->record.safety.last_timeout_view);
      persisted_proposal_ =
          std::max(persisted_proposal_, persist->record.safety.last_proposed_view);
    } else if (const auto* send = std::get_if<Send<Message>>(&effect)) {
      covered(send->message);
    } else if (const auto* broadcast = std::get_if<Broadcast<Message>>(&effect)) {
      covered(broadcast->message);
    }
  }
  if (record.rejoin == RejoinPhase::kRejoining && guards.rejoin_abstains) {
    for (const auto& effect : effects) {
      const auto* send = std::get_if<Send<Message>>(&effect);
      ENSURE(send == nullptr || (!std::holds_alternative<Vote>(send->message) &&
                                 !std::holds_alternative<TimeoutMessage>(send->message)),
             "4.10: passive while rejoining");
    }
  }
}

}  // namespace waggle::chained
