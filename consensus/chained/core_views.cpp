// Views and time: entering a view, giving it up, and building the block of a view that we lead.
#include <algorithm>

#include "consensus/chained/core.hpp"

namespace waggle::chained {

/// 4.1. Returns whether the view is new.
bool Core::enter(View view, ViewProof proof) {
  if (view <= this->view()) return false;
  const bool by_qc = std::holds_alternative<QcPtr>(proof.proof);
  if (!by_qc) {
    failed_views_ = std::min(failed_views_ + 1, setup_.chain.f() + 16);
  } else if (!grace_ && failed_views_ > 0) {
    --failed_views_;
  }
  safety_.enter(view, std::move(proof), setup_.chain);
  timeouts_.prune(view);
  repeats_ = 0;
  grace_ = false;
  announced_in_view_ = false;
  if (timer_running_) {  // It belongs to the view that was left.
    emit(CancelTimer{kViewTimer});
    timer_running_ = false;
  }
  if (strikes(Place::kExtraHeartbeat)) {
    emit(Broadcast<Message>{Heartbeat{safety_.record().high_qc}});
  }
  return true;
}

/// 4.4: also after having voted in this view; the tip then is that block.
void Core::send_timeout() {
  if (!safety_.try_timeout()) return;
  const SafetyRecord& record = safety_.record();
  Timeout timeout;
  timeout.view = record.view;
  timeout.sender = setup_.self;
  timeout.tip = record.tip;
  if (setup_.rules.votes_in_timeouts() && record.tip.block == record.last_voted_block) {
    timeout.tip_vote = Signature{};  // 4.7
  }
  timeout.high_qc = record.high_qc->ref();
  ++repeats_;
  persist();
  const ReplicaId next_leader = leader(record.view.next());
  for (std::uint32_t id = 0; id < setup_.chain.n(); ++id) {
    const ReplicaId to{id};
    timeout.full_qc = to == next_leader ? record.high_qc : nullptr;
    emit(Send<Message>{to, TimeoutMessage{timeout}});
  }
}

void Core::on(const TimerFired& fired) {
  if (fired.timer == kViewTimer) {
    if (!timer_running_ || safety_.passive()) return;
    timer_running_ = false;
    if (!busy() && safety_.record().last_timeout_view < view()) {
      if (called_for_help()) help_until_certified_ = view();
      return;
    }
    ++counters_.timeouts;
    send_timeout();
  } else if (fired.timer == kHeartbeatTimer) {
    emit(Broadcast<Message>{Heartbeat{safety_.record().high_qc}});  // 4.9
    emit(SetTimer{kHeartbeatTimer, setup_.pacemaker.heartbeat});
  } else if (fired.timer == kFetchTimer) {
    fetch_timer_running_ = false;
    fetcher_.on_retry();
  } else if (fired.timer == kRejoinTimer) {
    if (safety_.record().rejoin == RejoinPhase::kRejoining) send_challenge();
  } else if (fired.timer == kRejoinRateTimer) {
    on_rejoin_rate_timer();
  }
}

/// 4.9: view timers run only while busy, and (4.4) to repeat a timeout until its view is left: a
/// replica that joined one without being busy would otherwise leave the others short of a quorum
/// when its message got lost. Nor does one that is busy alone reach f+1 timeouts: who hears it give
/// up becomes busy as well when its own timer runs out, which bounds what a liar can make of this.
void Core::update_view_timer() {
  if (owes_rejoin_ && safety_.record().high_qc->view > busy_until_certified_above_) {
    owes_rejoin_ = false;  // 4.10
  }
  const bool timed_out = safety_.record().last_timeout_view >= view();
  const bool wanted = (busy() || timed_out || called_for_help()) && !safety_.passive();
  // Shortened, never lengthened: a leader that comes and goes must not keep its view from ending.
  const bool shorten = timer_running_ && repeats_ == 0 && timer_base() < running_base_;
  if (wanted && (!timer_running_ || shorten)) {
    running_base_ = timer_base();
    emit(SetTimer{kViewTimer, view_timer()});
  } else if (!wanted && timer_running_) {
    emit(CancelTimer{kViewTimer});
  }
  timer_running_ = wanted;
}

/// 4.4, 4.7. Decision x: a proposal, or after our vote what becomes of it, is not waited for long
/// if it can only come from somebody to whom there is no connection.
Duration Core::timer_base() const {
  const PacemakerConfig& config = setup_.pacemaker;
  const Duration usual = grace_ ? config.grace : config.view_timeout;
  const bool voted = safety_.record().last_voted_view == view();
  const ReplicaId awaited = leader(voted ? view().next() : view());
  return unreachable_.contains(awaited) ? std::min(usual, config.unreachable_timeout) : usual;
}

/// 3.7d, 4.7: doubles per failed view beyond the f in a row that crashed leaders may cause, and
/// per repetition; grows with the suffix to be checked; never beyond timeout_max.
Duration Core::view_timer() const {
  const PacemakerConfig& config = setup_.pacemaker;
  const std::uint32_t f = setup_.chain.f();
  const std::uint32_t slow = failed_views_ > f ? failed_views_ - f : 0;
  const std::uint32_t doublings = std::min(slow + repeats_, 20U);
  const Node* tip = tree_.find(safety_.record().tip.block);
  std::uint64_t suffix = 0;
  if (tip != nullptr && tip->height() > tree_.head()->height()) {
    suffix = std::min<std::uint64_t>(tip->height().value - tree_.head()->height().value, 1 << 16);
  }
  const Duration grown = timer_base() * (std::int64_t{1} << doublings) +
                         config.per_suffix_block * static_cast<std::int64_t>(suffix);
  const Duration timer = std::min(grown, config.timeout_max);
  if (strikes(Place::kShortViewTimer)) return timer / 8;
  return strikes(Place::kLongViewTimer) ? config.timeout_max : timer;
}

/// What the protocol would build on; what it misses for that is fetched.
std::optional<Parent> Core::choose_parent() {
  ParentChoice choice =
      setup_.rules.choose_parent({view(), tree_, timeouts_, safety_.record(), setup_.chain});
  for (const auto& [block, holder] : choice.missing) fetcher_.want(block, holder);
  return std::move(choice.parent);
}

BlockPtr Core::build_block(const Parent& parent) {
  const Node& node = *parent.node;
  auto block = std::make_shared<Block>();
  block->qc = tree_.highest_qc_on_branch(&node);  // 4.3
  block->tc = parent.tc;
  const Node* certified = tree_.find(block->qc->block);
  const Height certified_height =
      certified != nullptr ? certified->height() : tree_.committed(block->qc->block)->height;
  BlockHeader& header = block->header;
  header.height = node.height().next();
  const bool beyond_depth =
      header.height.value - certified_height.value - 1 > setup_.chain.depth_max;  // 3.5
  if (beyond_depth) {
    block->payload = Payload::empty(setup_.hasher);
  } else {
    // The host may not have heard of the latest commits yet: they wait behind a barrier.
    std::vector<PayloadPtr> in_flight = tree_.uncommitted_payloads(&node);
    in_flight.insert(in_flight.end(), just_committed_.begin(), just_committed_.end());
    block->payload = setup_.payloads.build(in_flight);
    const bool reason = !block->payload->is_empty() || parent.tc || owes_block() ||
                        has_uncommitted_payload() || tree_.has_uncommitted_payload(&node);
    // 4.9: all that waits has just been committed.
    if (!reason && guards().quiet_when_idle) return nullptr;
    if (!block->payload->is_empty() && strikes(Place::kEmptyBlock)) {
      block->payload = Payload::empty(setup_.hasher);
    }
  }
  header.view = view();
  header.proposer = setup_.self;
  header.parent = node.id();
  header.qc = block->qc->ref();
  header.qc_digest = qc_digest(*block->qc, setup_.hasher);
  if (block->tc) header.tc_digest = tc_digest(*block->tc, setup_.hasher);
  header.payload_root = block->payload->root();
  Forest history = *node.before;
  history.append(node.block->payload->leaves(), setup_.hasher);
  header.history_root = history.root(setup_.hasher);
  block->id = block_id(header, setup_.chain.chain_id, setup_.hasher);
  return block;
}

}  // namespace waggle::chained
