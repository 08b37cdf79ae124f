// Catching up (4.8) and rejoining after lost memory (4.10).
#include <algorithm>

#include "consensus/chained/core.hpp"

namespace waggle::chained {

/// 4.8: a vote or timeout below our view is answered with the certificate that entered it.
void Core::answer_with_entry(ReplicaId to) {
  const ViewProof& entry = safety_.record().entry;
  if (to == setup_.self || std::holds_alternative<std::monostate>(entry.proof)) return;
  for (int copies = strikes(Place::kAnswerTwice) ? 2 : 1; copies > 0; --copies) {
    emit(Send<Message>{to, Certificate{entry}});
  }
}

/// 4.8: on every new connection: last vote, last timeout, highest QC and entry certificate.
void Core::on(const PeerConnected& connected) {
  const SafetyRecord& record = safety_.record();
  const ReplicaId to = connected.peer;
  unreachable_.erase(to);
  if (to == setup_.self) return;
  emit(Send<Message>{to, Certificate{ViewProof{record.high_qc}}});
  answer_with_entry(to);
  if (safety_.passive()) {
    emit(Send<Message>{to, RejoinChallenge{setup_.self, record.rejoin_nonce, {}}});
    return;
  }
  if (!record.last_voted_block.is_zero()) {
    emit(Send<Message>{to, Vote{record.last_voted_view, record.last_voted_block, setup_.self, {}}});
  }
  // 4.4: never Timeout(v) with a tip, or after a vote, of a view above v.
  const View given_up = record.last_timeout_view;
  if (given_up == View{0} || record.last_voted_view > given_up || record.tip.view > given_up)
    return;
  if (given_up == record.rejoin_bound) return;  // 4.10: abstained, not timed out
  Timeout timeout;
  timeout.view = given_up;
  timeout.sender = setup_.self;
  timeout.tip = record.tip;
  if (setup_.rules.votes_in_timeouts() && record.tip.block == record.last_voted_block) {
    timeout.tip_vote = Signature{};
  }
  timeout.high_qc = record.high_qc->ref();
  timeout.full_qc = record.high_qc;
  if (durable_tip_ != record.tip.block) persist();  // It may have risen since the timeout.
  emit(Send<Message>{to, TimeoutMessage{timeout}});
}

void Core::on_message(const BranchRequest&, ReplicaId from) {
  // The host serves blocks: it has those below the committed head.
  emit(Refused{from, Refusal::kUnsolicited});
}

void Core::on_message(const Branch& branch, ReplicaId from) {
  if (!fetcher_.expects(branch.wanted, from)) {
    emit(Refused{from, Refusal::kUnsolicited});
    return;
  }
  for (const ChainedBlock& chained : branch.blocks) {
    const Digest& id = chained.block->id;
    if (tree_.find(id) == nullptr && !tree_.is_committed(id)) {
      const bool leads_on = accept_block(chained.block, true, from);
      absorb_tree_changes();  // commits as it goes, so that memory stays bounded
      if (halted_) return;
      if (!leads_on) break;
    }
  }
  if (branch.certificate) learn_qc(branch.certificate, from);
  std::optional<Height> connected;
  if (!branch.blocks.empty()) {
    const Block& last = *branch.blocks.back().block;
    const Node* node = tree_.find(last.id);
    const bool reaches =
        node != nullptr ? node->connected() && node->valid() : tree_.is_committed(last.id);
    if (reaches) connected = last.height();
  }
  fetcher_.on_answer(branch.wanted, from, connected);
}

void Core::ask_for_missing() {
  for (const Fetcher::Question& question : fetcher_.questions(tree_)) {
    emit(Send<Message>{question.to, question.request});
  }
  if (!fetcher_.idle() && !fetch_timer_running_) {
    const Duration retry = setup_.pacemaker.fetch_retry;
    emit(SetTimer{kFetchTimer, strikes(Place::kHastyFetch) ? retry / 8 : retry});
    fetch_timer_running_ = true;
  }
}

void Core::send_challenge() {
  emit(Broadcast<Message>{RejoinChallenge{setup_.self, safety_.record().rejoin_nonce, {}}});
  emit(SetTimer{kRejoinTimer, setup_.pacemaker.rejoin_retry});
}

/// 4.10: how far this replica's signatures reach, with the reason why it may have gone there.
void Core::on_message(const RejoinChallenge& challenge, ReplicaId from) {
  if (from == setup_.self || safety_.passive()) return;  // those still rejoining do not report
  if (!answered_.insert(from).second) {
    emit(Refused{from, Refusal::kRateLimited});
    return;
  }
  if (answered_.size() == 1 && !owes_rejoin_) {
    emit(SetTimer{kRejoinRateTimer, setup_.pacemaker.rejoin_retry / 2});
  }
  rejoin_quiet_ = 0;
  const SafetyRecord& record = safety_.record();
  RejoinReport report;
  report.reporter = setup_.self;
  report.rejoiner = challenge.sender;
  report.nonce = challenge.nonce;
  report.bound = std::max({record.last_voted_view, record.last_timeout_view, record.rejoin_bound});
  report.justification = record.entry;
  ENSURE(record.entry.proves(setup_.chain) >= report.bound);
  // Busy until a block above the answer + 1 is certified, so that an idle chain moves on.
  busy_until_certified_above_ = std::max(busy_until_certified_above_, report.bound.next());
  owes_rejoin_ = true;
  emit(Send<Message>{from, std::move(report)});
}

/// 4.10: a rejoiner repeats its challenge while it waits. Silence means that it is back, or gone:
/// then nobody is kept busy for it.
void Core::on_rejoin_rate_timer() {
  constexpr std::uint32_t kQuietMax = 6;  // three challenges missed
  answered_.clear();
  if (++rejoin_quiet_ >= kQuietMax) owes_rejoin_ = false;
  if (owes_rejoin_) emit(SetTimer{kRejoinRateTimer, setup_.pacemaker.rejoin_retry / 2});
}

void Core::on_message(const RejoinReport& report, ReplicaId from) {
  const SafetyRecord& record = safety_.record();
  const bool asked = record.rejoin == RejoinPhase::kRejoining && report.rejoiner == setup_.self &&
                     report.nonce == record.rejoin_nonce;
  if (!asked || from == setup_.self) {
    emit(Refused{from, Refusal::kUnsolicited});
    return;
  }
  // The first report after our loss bounds what we forgot; a later one would only delay us.
  if (!reports_.emplace(from, report.bound).second) refuse(from, Refusal::kDuplicate);
}

}  // namespace waggle::chained
