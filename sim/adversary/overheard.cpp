#include "sim/adversary/overheard.hpp"

#include <algorithm>

namespace waggle::sim {

using namespace chained;

Overheard::Overheard(const AdversarySetup& setup)
    : setup_(setup), genesis_(make_genesis(setup.chain, setup.hasher)) {
  blocks_.emplace(genesis_->id, genesis_);
}

void Overheard::note(const Message& message) {
  if (const auto* proposal = std::get_if<Proposal>(&message)) {
    proposals_.emplace(proposal->block->view(), proposal->block);
    note_block(proposal->block);
  } else if (const auto* vote = std::get_if<Vote>(&message)) {
    votes_[vote->block].emplace(vote->voter, vote->signature);
  } else if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) {
    note_timeout(timeout->timeout);
  } else if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
    note_qc(*heartbeat->high_qc);
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    const auto& proof = certificate->proof.proof;
    if (const auto* qc = std::get_if<QcPtr>(&proof)) note_qc(**qc);
    if (const auto* tc = std::get_if<TcPtr>(&proof)) note_tc(**tc);
    if (const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof)) {
      for (const Timeout& one : *timeouts) note_timeout(one);
    }
  } else if (const auto* branch = std::get_if<Branch>(&message)) {
    for (const ChainedBlock& one : branch->blocks) note_block(one.block);
  }
}

void Overheard::note_block(const BlockPtr& block) {
  blocks_.emplace(block->id, block);
  note_qc(*block->qc);
  if (block->tc) note_tc(*block->tc);
  note_payload(block->payload);
}

void Overheard::note_payload(const PayloadPtr& payload) {
  if (!payload_ && !payload->is_empty()) payload_ = payload;
}

void Overheard::note_qc(const QuorumCert& qc) {
  for (const SignerSignature& one : qc.signatures) {
    votes_[qc.block].emplace(one.signer, one.signature);
  }
}

void Overheard::note_tc(const TimeoutCert& tc) {
  for (const TimeoutCert::Entry& entry : tc.entries) {
    Timeout timeout;
    timeout.view = tc.view;
    timeout.sender = entry.replica;
    timeout.tip = tc.tip_of(entry);
    timeout.signature = entry.signature;
    note_timeout(timeout);
  }
}

void Overheard::note_timeout(const Timeout& timeout) {
  std::vector<Timeout>& known = timeouts_[{timeout.view, timeout.sender}];
  const auto same = [&timeout](const Timeout& one) { return one.tip == timeout.tip; };
  if (std::none_of(known.begin(), known.end(), same)) known.push_back(timeout);
  if (timeout.tip_vote) votes_[timeout.tip.block].emplace(timeout.sender, *timeout.tip_vote);
  if (timeout.full_qc) note_qc(*timeout.full_qc);
}

BlockPtr Overheard::find(const Digest& id) const {
  const auto found = blocks_.find(id);
  return found == blocks_.end() ? nullptr : found->second;
}

BlockPtr Overheard::proposed_in(View view) const {
  const auto found = proposals_.find(view);
  return found == proposals_.end() ? nullptr : found->second;
}

const Timeout* Overheard::find_timeout(View view, ReplicaId sender,
                                       const std::optional<Tip>& tip) const {
  const auto found = timeouts_.find({view, sender});
  if (found == timeouts_.end()) return nullptr;
  for (const Timeout& one : found->second) {
    if (!tip || one.tip == *tip) return &one;
  }
  return nullptr;
}

const std::map<ReplicaId, Signature>& Overheard::votes(const Digest& block) const {
  static const std::map<ReplicaId, Signature> kNone;
  const auto found = votes_.find(block);
  return found == votes_.end() ? kNone : found->second;
}

std::optional<Forest> Overheard::before(const Block& block) const {
  std::vector<BlockPtr> ancestors;
  for (BlockPtr at = find(block.parent()); at == nullptr || at->id != genesis_->id;
       at = find(at->parent())) {
    if (at == nullptr) return std::nullopt;
    ancestors.push_back(at);
  }
  Forest forest;
  for (auto at = ancestors.rbegin(); at != ancestors.rend(); ++at) {
    forest.append((*at)->payload->leaves(), setup_.hasher);
  }
  return forest;
}

Branch Overheard::branch(const BranchRequest& request) const {
  Branch branch{request.block, {}, nullptr};
  for (BlockPtr at = find(request.block); at != nullptr && at->height() > request.above;
       at = find(at->parent())) {
    const auto forest = before(*at);
    if (!forest) break;
    branch.blocks.push_back({at, *forest});
  }
  std::reverse(branch.blocks.begin(), branch.blocks.end());
  const std::size_t most = std::min(request.count_max, kBranchBlocksMax);
  if (branch.blocks.size() > most) branch.blocks.resize(most);
  return branch;
}

}  // namespace waggle::sim
