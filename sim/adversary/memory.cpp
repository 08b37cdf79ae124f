#include "sim/adversary/memory.hpp"

#include <algorithm>

#include "sim/base/overloaded.hpp"

namespace waggle::sim {

using namespace chained;

namespace {

template <class T>
void keep_highest(std::map<View, T>& map, std::size_t most) {
  while (map.size() > most) map.erase(map.begin());
}

}  // namespace

View view_of(const Message& message) {
  if (const auto* proposal = std::get_if<Proposal>(&message)) return proposal->block->view();
  if (const auto* vote = std::get_if<Vote>(&message)) return vote->view;
  if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) return timeout->timeout.view;
  return View{0};
}

bool is_answer(const Message& message) {
  return std::holds_alternative<Branch>(message) || std::holds_alternative<Certificate>(message) ||
         std::holds_alternative<RejoinReport>(message);
}

Memory::Memory(const AdversarySetup& setup) : setup_(setup), heard_at_(setup.chain.n()) {
  const BlockPtr genesis = make_genesis(setup.chain, setup.hasher);
  high_qc_ = genesis->qc;
  note_block(genesis, Forest{});
}

void Memory::note(ReplicaId from, const Message& message) {
  const bool own = from == setup_.self;
  if (own) view_ = std::max(view_, view_of(message));
  heard_at_.at(from.value) = ++heard_;
  std::visit(
      Overloaded{
          [&](const Proposal& proposal) { note_block(proposal.block, std::nullopt); },
          [&](const Vote& vote) { note_vote(vote.voter, vote.view, vote.block, vote.signature); },
          [&](const TimeoutMessage& given_up) { note_timeout(given_up.timeout); },
          [&](const Certificate& certificate) { note_proof(certificate.proof); },
          [&](const Heartbeat& heartbeat) { note_qc(heartbeat.high_qc); },
          [&](const Branch& branch) {
            for (const ChainedBlock& one : branch.blocks) note_block(one.block, one.before);
            if (branch.certificate) note_qc(branch.certificate);
          },
          [&](const RejoinReport& report) { note_proof(report.justification); },
          [](const BranchRequest&) {},
          [](const RejoinChallenge&) {},
      },
      message);
}

void Memory::note(const BlockPtr& block) { note_block(block, std::nullopt); }

void Memory::note_block(const BlockPtr& block, const std::optional<Forest>& before) {
  const auto [at, fresh] = blocks_.emplace(block->id, Known{block, before});
  if (!at->second.before) at->second.before = before;
  if (!fresh) return;
  by_view_.emplace(block->view(), block->id);
  if (!block->payload->is_empty()) spare_ = block->payload;
  note_qc(block->qc);
  if (block->tc) note_tc(*block->tc);
  after(block->id);  // while its ancestors are still here
  if (by_view_.size() <= kBlocksMax) return;
  blocks_.erase(by_view_.begin()->second);
  by_view_.erase(by_view_.begin());
}

void Memory::note_qc(const QcPtr& qc) {
  certificates_.emplace(qc->view, qc);
  if (qc->view > high_qc_->view) high_qc_ = qc;
  keep_highest(certificates_, kBlocksMax);
}

void Memory::note_tc(const TimeoutCert& tc) {
  for (const TimeoutCert::Entry& entry : tc.entries) {
    Timeout timeout;
    timeout.view = tc.view;
    timeout.sender = entry.replica;
    timeout.tip = tc.tip_of(entry);
    timeout.signature = entry.signature;
    note_timeout(timeout);
  }
}

void Memory::note_vote(ReplicaId voter, View view, const Digest& block,
                       const Signature& signature) {
  auto& votes = votes_[view][block];
  votes.emplace(voter, signature);
  // Its own is always to be had.
  votes.emplace(setup_.self, setup_.signer.sign(vote_bytes(setup_.chain, view, block)));
  if (votes.size() >= setup_.chain.quorum() && !certificates_.contains(view)) {
    QuorumCert qc{view, block, {}};
    for (const auto& [signer, one] : votes) {
      if (qc.signatures.size() < setup_.chain.quorum()) qc.signatures.push_back({signer, one});
    }
    note_qc(std::make_shared<const QuorumCert>(std::move(qc)));
  }
  keep_highest(votes_, kViewsMax);
}

void Memory::note_timeout(const Timeout& timeout) {
  if (timeout.full_qc) note_qc(timeout.full_qc);
  if (timeout.tip_vote) {
    note_vote(timeout.sender, timeout.tip.view, timeout.tip.block, *timeout.tip_vote);
  }
  if (timeout.sender == setup_.self) return;
  const auto [at, fresh] = timeouts_[timeout.view].emplace(timeout.sender, timeout);
  if (!fresh && at->second.tip.rank() < timeout.tip.rank()) at->second = timeout;
  keep_highest(timeouts_, kViewsMax);
}

void Memory::note_proof(const ViewProof& proof) {
  if (const auto* qc = std::get_if<QcPtr>(&proof.proof)) note_qc(*qc);
  if (const auto* tc = std::get_if<TcPtr>(&proof.proof)) note_tc(**tc);
  if (const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof.proof)) {
    for (const Timeout& timeout : *timeouts) note_timeout(timeout);
  }
}

BlockPtr Memory::find(const Digest& id) const {
  const auto found = blocks_.find(id);
  return found == blocks_.end() ? nullptr : found->second.block;
}

std::vector<BlockPtr> Memory::in_view(View view) const {
  std::vector<BlockPtr> blocks;
  const auto [first, last] = by_view_.equal_range(view);
  for (auto at = first; at != last; ++at) blocks.push_back(find(at->second));
  return blocks;
}

std::optional<Forest> Memory::after(const Digest& id) {
  std::vector<Known*> path;  // down to one whose forest is known
  for (auto at = blocks_.find(id);; at = blocks_.find(path.back()->block->parent())) {
    if (at == blocks_.end()) return std::nullopt;
    path.push_back(&at->second);
    if (at->second.before) break;
  }
  for (std::size_t i = path.size(); i-- > 0;) {
    Forest after = *path[i]->before;
    after.append(path[i]->block->payload->leaves(), setup_.hasher);
    if (i == 0) return after;
    path[i - 1]->before = std::move(after);
  }
  return std::nullopt;
}

QcPtr Memory::certificate(View view) const {
  const auto found = certificates_.find(view);
  return found == certificates_.end() ? nullptr : found->second;
}

std::vector<Timeout> Memory::timeouts(View view) const {
  std::vector<Timeout> found;
  const auto of_view = timeouts_.find(view);
  if (of_view == timeouts_.end()) return found;
  for (const auto& [sender, timeout] : of_view->second) found.push_back(timeout);
  return found;
}

std::vector<View> Memory::given_up() const {
  std::vector<View> views;
  for (const auto& [view, timeouts] : timeouts_) views.push_back(view);
  return views;
}

std::vector<ReplicaId> Memory::quietest_first() const {
  std::vector<ReplicaId> others;
  for (std::uint32_t id = 0; id < setup_.chain.n(); ++id) {
    if (ReplicaId{id} != setup_.self) others.push_back(ReplicaId{id});
  }
  std::sort(others.begin(), others.end(), [this](ReplicaId a, ReplicaId b) {
    return std::pair(heard_at_[a.value], a) < std::pair(heard_at_[b.value], b);
  });
  return others;
}

std::optional<Memory::ForkPoint> Memory::fork_point() const {
  const BlockPtr certified = find(high_qc_->block);
  const BlockPtr committed = certified ? find(certified->qc->block) : nullptr;
  const BlockPtr parent = committed ? find(committed->parent()) : nullptr;
  if (!parent) return std::nullopt;
  return ForkPoint{parent, committed->qc};
}

}  // namespace waggle::sim
