// The rules that settle() applies after every input, until none changes anything.
#include <algorithm>

#include "consensus/chained/core.hpp"

namespace waggle::chained {

void Core::settle() {
  do {
    absorb_tree_changes();
  } while (!halted_ && (enter_by_timeouts() || join() || end_rejoin() || vote() || propose()));
  if (halted_) return;
  if (strikes(Place::kSpareRecord)) persist();
  announce_qc();
  update_view_timer();
  ask_for_missing();
}

/// Blocks that became connected or certified: tips rise, blocks commit.
void Core::absorb_tree_changes() {
  for (;;) {
    for (const Digest& id : tree_.take_connected()) {
      const Node* node = tree_.find(id);
      if (node != nullptr && node->certified()) certified_.insert(id);
      certified_.merge(suspended_);  // the tip that 5.2 missed may be here now
      suspended_.clear();
    }
    if (certified_.empty() || halted_) return;
    // The lowest view first, so that commits come in order.
    std::vector<Node*> nodes;
    for (const Digest& id : std::exchange(certified_, {})) {
      if (Node* node = tree_.find(id)) nodes.push_back(node);
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const Node* a, const Node* b) { return a->view() < b->view(); });
    std::vector<Digest> ordered;
    for (const Node* node : nodes) ordered.push_back(node->id());
    for (const Digest& id : ordered) {
      if (Node* node = tree_.find(id)) on_certified(*node);  // a commit may have pruned it
    }
  }
}

void Core::on_certified(Node& node) {
  if (&node == tree_.head()) return;
  if (!node.connected()) {
    // 5.3: certified at or above the head's view and known not to extend it.
    // (After a restart the head may be an ancestor of a B1; until its QC is known, only count.)
    if (node.view() < tree_.head()->view() || !tree_.leaves_committed(&node)) return;
    if (!tree_.head()->certified()) {
      ++counters_.low_conflicts;
    } else {
      halt("block " + short_hex(node.id()) + " of view " + std::to_string(node.view().value) +
           " is certified and conflicts with a committed block");
    }
    return;
  }
  if (node.validity == Validity::kInvalid) {
    halt("block " + short_hex(node.id()) +
         " is certified but invalid: " + std::string(to_string(node.why_invalid)));
    return;
  }
  // 3.7b: a tip that this replica has itself validated.
  if (!setup_.rules.validated(tree_, node)) return;
  if (!safety_.passive()) {
    safety_.raise_tip(setup_.rules.tip_after_certificate(safety_.record().tip, node));
  }
  const CommitVerdict verdict = setup_.rules.judge_commit(tree_, node);
  switch (verdict.kind) {
    case CommitVerdict::Kind::kNothing: return;
    case CommitVerdict::Kind::kSuspended: suspend(node, *verdict.committed); return;
    case CommitVerdict::Kind::kCommit: commit(*verdict.committed, node); return;
  }
}

/// 5.2 held up the commit. If only because a tip is not here, it is fetched and judged again.
void Core::suspend(const Node& b2, const Node& b1) {
  ++counters_.suspended_commits;
  counters_.suspended_last = b1.id();
  counters_.suspended_for = {};
  for (const Node* z = &b2; z != &b1; z = z->parent) {
    if (!z->block->tc) continue;
    for (const Tip& tip : z->block->tc->tips) {
      const bool missing = tree_.find(tip.block) == nullptr && !tree_.is_committed(tip.block);
      if (tip.view != z->parent->view() || !missing) continue;
      if (z == &b2) counters_.suspended_for = tip;
      fetcher_.want(tip.block, z->block->header.proposer);
      suspended_.insert(b2.id());
    }
  }
}

/// Section 5: B1 and with it every ancestor is final.
void Core::commit(Node& b1, const Node& b2) {
  const std::vector<Node*> path = tree_.path_from_head(&b1);
  ENSURE(!path.empty());
  const bool all_stored =
      std::all_of(path.begin(), path.end(), [](const Node* node) { return node->stored; });
  // A tip on disk that conflicts with the head on disk would have lost its branch at a restart.
  const Node* durable_tip = tree_.find(durable_tip_);
  const bool tip_stored = durable_tip != nullptr && tree_.extends(durable_tip, b1.id());
  if (!all_stored || !tip_stored) persist(&b1);
  for (const Node* node : path) {
    emit(Commit{node->block, b2.block, b2.certificate});
    if (!node->block->payload->is_empty()) just_committed_.push_back(node->block->payload);
  }
  while (just_committed_.size() > kJustCommittedMax) just_committed_.pop_front();
  std::vector<Digest> dropped = tree_.advance_head(&b1);
  dropped_.insert(dropped_.end(), dropped.begin(), dropped.end());
  safety_.move_head(b1.id());
}

/// 4.5: q replicas' highest timeouts >= w: enter w + 1.
bool Core::enter_by_timeouts() {
  const auto w = guards().join ? timeouts_.quorum_view() : timeouts_.exact_quorum_view(view());
  if (!w || w->next() <= view()) return false;
  return enter(w->next(), ViewProof{timeouts_.highest_from(*w)});
}

/// 4.5: f+1 replicas with highest timeouts at or above our view: move there and time out too.
bool Core::join() {
  if (!guards().join) return false;
  const auto target = timeouts_.join_view(view());
  if (!target) return false;
  const bool moved = *target > view() && enter(*target, ViewProof{timeouts_.highest_from(*target)});
  if (safety_.passive() || safety_.record().last_timeout_view >= view()) return moved;
  send_timeout();
  return true;
}

/// 4.2: votes for the first block of the current view that passes 3.1-3.6.
bool Core::vote() {
  if (!safety_.may_vote()) return false;
  const std::vector<Node*> candidates = tree_.in_view(view());
  for (Node* node : candidates) {
    // A test that removes "one vote per view" gets one vote per twin, and not endless ones.
    const bool again = safety_.record().last_voted_view == view();
    if (again && (node != candidates.back() || node->id() == safety_.record().last_voted_block)) {
      continue;
    }
    const Walk walk = setup_.rules.may_vote(tree_, *node, safety_.record());
    if (!walk) {
      if (walk.error().missing) fetcher_.want(*walk.error().missing, leader(view()));
      if (!node->refused && walk.error().reason != Refusal::kMissingAncestor) {
        node->refused = true;
        const bool own = walk.error().reason == Refusal::kInvalidAncestor &&
                         node->validity == Validity::kInvalid;
        emit(Refused{leader(view()), own ? node->why_invalid : walk.error().reason});
      }
      continue;
    }
    if (strikes(Place::kLateVote)) return false;
    const Tip tip = setup_.rules.tip_after_vote(tree_, safety_.record().tip, *node);
    const auto voted = safety_.try_vote(*node->block, tip);
    ENSURE(voted.has_value());
    persist();
    for (int copies = strikes(Place::kVoteTwice) ? 2 : 1; copies > 0; --copies) {
      emit(Send<Message>{leader(view().next()), Vote{view(), node->id(), setup_.self, {}}});
    }
    if (!guards().stay_until_certified) {
      enter(view().next(), ViewProof{node->block->qc});
    }
    return true;
  }
  return false;
}

/// 4.3, 4.6: the leader of the current view proposes as soon as it may and has a reason to.
bool Core::propose() {
  if (!is_leader(view()) || !safety_.may_propose()) return false;
  const auto parent = choose_parent();
  if (!parent) return false;
  // 4.6: a TC is reason enough, since some honest replica gave up for want of a block.
  const bool reason = busy() || parent->tc || tree_.has_uncommitted_payload(parent->node);
  if (!reason && guards().quiet_when_idle) return false;  // 4.9
  BlockPtr block = build_block(*parent);
  if (!block) return false;
  if (safety_.propose()) persist();
  announced_in_view_ = true;
  emit(Broadcast<Message>{Proposal{std::move(block)}});
  return true;
}

/// 4.9: a leader that does not propose broadcasts the QC that it assembled.
void Core::announce_qc() {
  if (!to_announce_) return;
  const QcPtr qc = std::exchange(to_announce_, nullptr);
  if (qc->view.next() != view()) return;
  if (announced_in_view_ && !strikes(Place::kNeedlessQc)) return;
  announced_in_view_ = true;
  emit(Broadcast<Message>{Certificate{ViewProof{qc}}});
}

/// 4.10: a certified block above the bound M, validated by 3.6, ends the rejoin.
bool Core::end_rejoin() {
  if (safety_.record().rejoin != RejoinPhase::kRejoining) return false;
  if (reports_.size() < setup_.chain.quorum()) return false;
  View bound;
  for (const auto& [reporter, reported] : reports_) bound = std::max(bound, reported);
  bound = bound.next();
  const QcPtr& high = safety_.record().high_qc;
  const Node* certified = tree_.find(high->block);
  if (high->view <= bound && guards().rejoin_on_certified) return false;
  if (certified == nullptr || !certified->connected()) return false;
  const Walk walk = setup_.rules.may_vote(tree_, *certified, safety_.record());
  if (!walk) {
    if (walk.error().missing) fetcher_.want(*walk.error().missing, leader(high->view));
    return false;
  }
  safety_.end_rejoin(bound, *certified->block);
  reports_.clear();
  emit(CancelTimer{kRejoinTimer});
  persist();
  return true;
}

}  // namespace waggle::chained
