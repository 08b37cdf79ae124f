#include "consensus/chained/core.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"

namespace waggle::chained {
namespace {

SafetyRecord fresh_record(const Block& genesis) {
  SafetyRecord record;
  record.tip = genesis.tip();
  record.high_qc = genesis.qc;
  record.view = View{1};
  record.head = genesis.id;
  return record;
}

}  // namespace

Core::Core(const Setup& setup)
    : setup_(setup),
      genesis_(make_genesis(setup.chain, setup.hasher)),
      tree_(setup.chain, setup.hasher, setup.rules, genesis_),
      safety_(fresh_record(*genesis_), setup.rules.guards()),
      votes_(setup.chain, setup.buggify),
      timeouts_(setup.chain),
      fetcher_(setup.chain, setup.self, setup.rng, setup.buggify) {
  ENSURE(setup.chain.has(setup.self), "a replica of this chain");
  ENSURE(setup.chain.depth_max >= setup.chain.leaders->longest_faulty_run(setup.chain.f()),
         "3.7c: D must reach the longest run of faulty leaders");
}

void Core::start(const Recovered& recovered, Effects& out) noexcept {
  out_ = &out;
  if (recovered.safety) {
    SafetyRecord record = *recovered.safety;
    if (!guards().restart_keeps_timeout) record.last_timeout_view = View{0};
    // It starts in view max(last_voted_view, last_timeout_view, high_qc.view + 1, entered view).
    if (record.high_qc->view.next() > record.view) {
      record.view = record.high_qc->view.next();
      record.entry = ViewProof{record.high_qc};
    }
    ENSURE(record.view >= std::max(record.last_voted_view, record.last_timeout_view));
    safety_ = SafetyRules(std::move(record), guards());
  }
  if (!recovered.blocks.empty()) restore_tree(recovered);
  learn_qc(safety_.record().high_qc, setup_.self);

  if (recovered.rejoin && safety_.record().rejoin == RejoinPhase::kNone) {
    Digest nonce;
    for (std::size_t i = 0; i < Digest::kSize; ++i) {
      nonce.bytes[i] = static_cast<std::uint8_t>(setup_.rng.next());
    }
    safety_.begin_rejoin(nonce);
    persist();
  }
  if (safety_.passive()) send_challenge();
  emit(SetTimer{kHeartbeatTimer, setup_.pacemaker.heartbeat});
  settle();
  if (!halted_) check_invariants();
  out_ = nullptr;
}

void Core::restore_tree(const Recovered& recovered) {
  tree_.reset(recovered.blocks.front(), recovered.ancestry);
  safety_.move_head(tree_.head()->id());
  durable_tip_ = safety_.record().tip.block;
  for (std::size_t i = 1; i < recovered.blocks.size(); ++i) {
    // A tip may lie on a branch that lost: what left the chain below the head is not needed.
    const auto node = tree_.insert(recovered.blocks[i].block, true);
    if (node) (*node)->stored = true;
  }
  for (const ChainedBlock& chained : recovered.blocks) {
    if (Node* certified = tree_.certify(chained.block->qc)) certified_.insert(certified->id());
  }
  if (tree_.find(safety_.record().tip.block) == nullptr)
    safety_.raise_tip(tree_.head()->block->tip());
  if (tree_.find(safety_.record().tip.block) == nullptr) halt("the tip's block is not in storage");
}

void Core::step(const InputType& input, Effects& out) noexcept {
  if (halted_) return;
  out_ = &out;
  const std::size_t before = out.size();
  std::visit([this](const auto& one) { on(one); }, input);
  settle();
  invariants_.check_effects(std::span(out).subspan(before), safety_.record(), guards());
  if (!halted_) check_invariants();
  out_ = nullptr;
}

void Core::check_invariants() const noexcept {
  invariants_.check(tree_, safety_.record(), setup_.chain, setup_.rules);
}

Digest Core::state_digest() const noexcept {
  Writer writer;
  writer.raw(encode_record(safety_.record())).fixed(tree_.head()->id());
  for (const auto& [id, node] : tree_.nodes()) {
    writer.fixed(id).u8(static_cast<std::uint8_t>(node->validity)).u8(node->certified());
  }
  writer.u32(failed_views_).u32(repeats_).u8(timer_running_);
  return setup_.hasher.hash({domain::kCore, writer.bytes()});
}

bool Core::has_uncommitted_payload() const {
  const SafetyRecord& record = safety_.record();
  const Node* stand = tree_.find(record.tip.block);
  // Of two blocks of one view the certified one counts: the other may never be heard of again,
  // and would keep this replica alone busy.
  const Node* certified = tree_.find(record.high_qc->block);
  if (certified != nullptr && record.high_qc->view >= record.tip.view) stand = certified;
  return stand != nullptr && tree_.has_uncommitted_payload(stand);
}

/// After a restart the certificate that committed the head may be lost everywhere, when execution
/// got to the disk and the last certificate did not. Whoever lags behind the head may not even
/// know of it, and only a new pair can tell.
bool Core::lost_proof_of_head() const {
  const View head = tree_.head()->view();
  const QcPtr& high = safety_.record().high_qc;
  if (high->view < head) return true;
  const Node* certified = tree_.find(high->block);
  return certified != nullptr && certified->block->qc->view < head;
}

/// Somebody gives up on this view. (On a higher one: the certificate that entered it is due.)
bool Core::called_for_help() const { return timeouts_.any_of(view()); }

bool Core::busy() const {
  return !setup_.payloads.empty() || has_uncommitted_payload() || owes_block();  // 4.9, 4.10
}

void Core::on(const Verified<Message>& verified) {
  std::visit([&](const auto& message) { on_message(message, verified.from()); },
             verified.message());
}

// 4.2: keep the block if it is well-formed (others may need it); settle() votes.
void Core::on_message(const Proposal& proposal, ReplicaId from) {
  accept_block(proposal.block, false, from);
  const Node* node = tree_.find(proposal.block->id);
  const bool lacks_ancestors = node == nullptr || !node->connected();
  if (lacks_ancestors && proposal.block->view() == view()) {
    fetcher_.want(proposal.block->id, from);
  }
}

// 4.3, 4.8.
void Core::on_message(const Vote& vote, ReplicaId from) {
  const bool late = vote.view < view();
  // The collector's own QC or proposal of this view is on its way to the sender anyway.
  const bool told = announced_in_view_ && vote.view.next() == view();
  if (late && !told) answer_with_entry(from);
  learn_vote(vote.voter, vote.view, vote.block, vote.signature, false);
}

// 4.4-4.8.
void Core::on_message(const TimeoutMessage& message, ReplicaId from) {
  if (message.timeout.view < view()) answer_with_entry(from);
  learn_timeout(message.timeout, from);
}

void Core::on_message(const Certificate& certificate, ReplicaId from) {
  if (const auto* qc = std::get_if<QcPtr>(&certificate.proof.proof)) learn_qc(*qc, from);
  if (const auto* tc = std::get_if<TcPtr>(&certificate.proof.proof)) learn_tc(*tc);
  if (const auto* all = std::get_if<std::vector<Timeout>>(&certificate.proof.proof)) {
    for (const Timeout& timeout : *all) learn_timeout(timeout, from);
  }
}

void Core::on_message(const Heartbeat& heartbeat, ReplicaId from) {
  learn_qc(heartbeat.high_qc, from);
}

bool Core::accept_block(const BlockPtr& block, bool solicited, ReplicaId from) {
  // The certificates inside are valid whatever becomes of the block (4.1).
  learn_qc(block->qc, from);
  if (block->tc) learn_tc(block->tc);
  if (halted_) return false;
  if (block->view() > view()) {
    // Its certificates are not of the view before (3.3, 3.4): kept, such blocks would fill memory.
    emit(Refused{from, Refusal::kFutureView});
    return false;
  }
  const bool known = tree_.find(block->id) != nullptr;
  auto inserted = tree_.insert(block, solicited);
  if (!inserted) {
    emit(Refused{from, inserted.error()});
    return false;
  }
  Node* node = *inserted;
  if (known) {
    refuse(from, Refusal::kDuplicate);
  } else {
    note_equivocation(*node);
  }
  if (node->certified()) certified_.insert(block->id);
  if (node->validity != Validity::kInvalid) return true;
  if (!known) {
    refuse(from, node->why_invalid);
    node->refused = true;
  }
  // Asked for, it passed the bound per view, so it must not pile up.
  if (solicited && !known && !node->certified() && node->children.empty()) tree_.discard(node);
  return false;
}

void Core::note_equivocation(const Node& node) {
  for (const Node* other : tree_.in_view(node.view())) {
    if (other == &node || equivocated_views_.contains(node.view())) continue;
    equivocated_views_.insert(node.view());
    if (equivocated_views_.size() > 1024) equivocated_views_.erase(equivocated_views_.begin());
    ++counters_.equivocations;
    emit(Equivocation{other->block->header, other->block->signature, node.block->header,
                      node.block->signature});
  }
}

void Core::learn_qc(const QcPtr& qc, ReplicaId source) {
  if (qc->view == View{0}) return;
  const View head_view = tree_.head()->view();
  if (qc->view < head_view) {
    if (!tree_.conflicts_below_head(qc->ref())) return;
    // 5.3: legal (a withheld QC on an abandoned branch): count it, go on.
    ++counters_.low_conflicts;
    if (!guards().halt_only_at_or_above) halt("certified block conflicts below the head");
    return;
  }
  if (qc->view == head_view && qc->block != tree_.head()->id() && head_view > View{0}) {
    if (!tree_.head()->certified()) {  // after a restart the head may be an ancestor of a B1
      ++counters_.low_conflicts;
      return;
    }
    halt("a block of the committed head's view is certified beside it");  // 5.3
    return;
  }
  Node* node = tree_.certify(qc);
  for (const Node* other : tree_.in_view(qc->view)) {
    if (other->id() != qc->block && other->certified()) {  // 5.3
      halt("two blocks of view " + std::to_string(qc->view.value) + " are certified");
    }
  }
  safety_.raise_high_qc(qc);
  enter(qc->view.next(), ViewProof{qc});
  if (node != nullptr) {
    if (node->certificate == qc) certified_.insert(node->id());  // news, not a repetition
    if (!node->connected()) fetcher_.want(qc->block, source);
  } else if (qc->view > head_view) {
    ReplicaId holder = source;
    for (const ReplicaId voter : votes_.voters(qc->view, qc->block)) {
      if (holder == setup_.self) holder = voter;
    }
    fetcher_.want(qc->block, holder);
  }
}

void Core::learn_tc(const TcPtr& tc) {
  if (is_leader(tc->view.next())) {
    // A TC from others only moves the view (3.7a), but its entries are timeouts to be counted.
    for (const TimeoutCert::Entry& entry : tc->entries) {
      Timeout timeout;
      timeout.view = tc->view;
      timeout.sender = entry.replica;
      timeout.tip = tc->tip_of(entry);
      timeout.signature = entry.signature;
      timeouts_.add(timeout);
    }
  }
  enter(tc->view.next(), ViewProof{tc});
}

void Core::learn_vote(ReplicaId voter, View view, const Digest& block, const Signature& signature,
                      bool from_timeout) {
  if (view == View{0}) return;
  const auto [qc, refused] = votes_.add(voter, view, block, signature, this->view());
  if (refused && !from_timeout) refuse(voter, *refused);
  if (!qc) return;
  const bool collector = is_leader(view.next());
  if (collector) to_announce_ = qc;
  if (from_timeout && !collector && guards().grace && view.next() > this->view()) {
    // 4.7: the collector of these votes is silent; tell it and give its view little time.
    emit(Send<Message>{leader(view.next()), Certificate{ViewProof{qc}}});
    learn_qc(qc, voter);
    grace_ = view.next() == this->view();
    return;
  }
  learn_qc(qc, voter);
}

/// `from` handed the timeout over; what its signature does not cover, the highest QC, is only as
/// good as that replica's word.
void Core::learn_timeout(const Timeout& timeout, ReplicaId from) {
  if (timeout.view > view() && strikes(Place::kEarlyTimeoutDropped)) return;
  const auto refused = timeouts_.add(timeout);
  if (refused && from == timeout.sender) refuse(from, *refused);
  if (timeout.tip_vote) {  // 4.7: votes travel inside timeouts.
    learn_vote(timeout.sender, timeout.tip.view, timeout.tip.block, *timeout.tip_vote, true);
  }
  if (timeout.full_qc) {
    learn_qc(timeout.full_qc, from);
  } else if (timeout.high_qc.view > safety_.record().high_qc->view) {
    if (from == timeout.sender) fetcher_.want(timeout.high_qc.block, from);
  }
}

void Core::persist(Node* also) {
  Record record;
  if (is_leader(view().next()) && !strikes(Place::kNoReservation)) {
    safety_.reserve_proposal(view().next());
  }
  store_branch(also, record.blocks);
  store_branch(tree_.find(safety_.record().tip.block), record.blocks);
  record.safety = safety_.record();
  record.dropped = std::exchange(dropped_, {});
  durable_tip_ = record.safety.tip.block;
  emit(Persist<Record>{std::move(record)});
}

void Core::store_branch(Node* up_to, std::vector<ChainedBlock>& blocks) {
  for (Node* node : tree_.path_from_head(up_to)) {
    if (node->stored || !node->connected()) continue;
    node->stored = true;
    blocks.push_back({node->block, *node->before});
  }
}

/// What one does to oneself, by repeating a timeout, is not counted.
void Core::refuse(ReplicaId from, Refusal reason) {
  if (from != setup_.self) emit(Refused{from, reason});
}

void Core::emit(EffectType effect) { out_->push_back(std::move(effect)); }

void Core::halt(std::string reason) {
  if (halted_) return;
  halted_ = true;
  emit(Halt{std::move(reason)});
}

}  // namespace waggle::chained
