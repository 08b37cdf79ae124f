#include "sim/adversary/puppet.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {

using namespace chained;

Puppet::Puppet(const AdversarySetup& setup, bool core_speaks)
    : setup_(setup), core_speaks_(core_speaks), heard_(setup_) {
  ENSURE(setup.plan != nullptr, "a puppet has a plan");
}

void Puppet::tamper(Outgoing message, Out& out) {
  if (const auto* proposal = std::get_if<Proposal>(&message.message)) {
    heard_.note_payload(proposal->block->payload);
    go_on(out);
  }
  if (core_speaks_) out.push_back(std::move(message));
}

void Puppet::hear(ReplicaId from, const Message& message, Out& out) {
  heard_.note(message);
  if (const auto* request = std::get_if<BranchRequest>(&message)) {
    out.push_back({from, heard_.branch(*request)});
  }
  go_on(out);
}

bool Puppet::lets_in(ReplicaId, const Message& message) {
  return !std::holds_alternative<BranchRequest>(message);  // answered
}

void Puppet::go_on(Out& out) {
  while (taken_ < setup_.plan->size()) {
    const PlanStep& step = (*setup_.plan)[taken_];
    const auto message = std::visit([this](const auto& what) { return make(what); }, step.what);
    if (!message) return;
    ++taken_;
    for (const std::uint32_t id : step.to) {
      out.push_back({ReplicaId{id}, *message, step.delay});
    }
  }
}

std::optional<Message> Puppet::make(const BlockStep& step) {
  const BlockPtr parent = block(step.parent);
  const QcPtr qc = certificate(step.qc);
  const TcPtr tc = step.tc.empty() ? nullptr : certificate(step.view.previous(), step.tc);
  const PayloadPtr commands = payload(step.payload);
  if (!parent || !qc || !commands || (!step.tc.empty() && !tc)) return std::nullopt;
  auto made = std::make_shared<Block>();
  made->qc = qc;
  made->tc = tc;
  made->payload = commands;
  BlockHeader& header = made->header;
  header.view = step.view;
  header.height = parent->height().next();
  header.proposer = setup_.self;
  header.parent = parent->id;
  header.qc = qc->ref();
  header.qc_digest = qc_digest(*qc, setup_.hasher);
  if (tc) header.tc_digest = tc_digest(*tc, setup_.hasher);
  header.payload_root = commands->root();
  const std::optional<Forest> history = heard_.before(*made);
  if (!history) return std::nullopt;
  header.history_root = history->root(setup_.hasher);
  made->id = block_id(header, setup_.chain.chain_id, setup_.hasher);
  made->signature = setup_.signer.sign(proposal_bytes(setup_.chain.chain_id, made->id));
  heard_.note(made);
  made_[step.name] = made;
  return Proposal{made};
}

std::optional<Message> Puppet::make(const QcStep& step) const {
  const QcPtr qc = certificate(step.qc);
  if (!qc) return std::nullopt;
  return Certificate{ViewProof{qc}};
}

std::optional<Message> Puppet::make(const TcStep& step) const {
  const TcPtr tc = certificate(step.view, step.tc);
  if (!tc) return std::nullopt;
  return Certificate{ViewProof{tc}};
}

std::optional<Message> Puppet::make(const TimeoutStep& step) const {
  const std::optional<Tip> claimed = tip(step.tip);
  if (!claimed) return std::nullopt;
  return TimeoutMessage{own_timeout(step.view, *claimed)};
}

std::optional<Message> Puppet::make(const VoteStep& step) const {
  const BlockPtr voted = block(step.block);
  if (!voted) return std::nullopt;
  return Vote{voted->view(), voted->id, setup_.self, own_vote(*voted)};
}

BlockPtr Puppet::block(const std::string& name) const {
  if (name == kGenesisName) return heard_.genesis();
  if (const auto view = heard_view(name)) return heard_.proposed_in(*view);
  const auto found = made_.find(name);
  return found == made_.end() ? nullptr : found->second;
}

QcPtr Puppet::certificate(const PlannedQc& planned) const {
  const BlockPtr certified = block(planned.block);
  if (!certified) return nullptr;
  if (certified == heard_.genesis()) return certified->qc;
  std::map<ReplicaId, Signature> votes = heard_.votes(certified->id);
  votes.emplace(setup_.self, own_vote(*certified));
  QuorumCert qc{planned.claim.value_or(certified->view()), certified->id, {}};
  for (const std::uint32_t signer : planned.signers) {
    const auto vote = votes.find(ReplicaId{signer});
    if (vote == votes.end()) return nullptr;
    qc.signatures.push_back({vote->first, vote->second});
  }
  if (planned.signers.empty()) {
    if (votes.size() < setup_.chain.quorum()) return nullptr;
    for (const auto& [voter, signature] : votes) {
      if (qc.signatures.size() < setup_.chain.quorum()) qc.signatures.push_back({voter, signature});
    }
  }
  return std::make_shared<const QuorumCert>(std::move(qc));
}

TcPtr Puppet::certificate(View view, const std::vector<PlannedTimeout>& planned) const {
  std::vector<Timeout> timeouts;
  for (const PlannedTimeout& one : planned) {
    const auto found = timeout(view, one);
    if (!found) return nullptr;
    timeouts.push_back(*found);
  }
  return std::make_shared<const TimeoutCert>(make_timeout_cert(view, std::move(timeouts)));
}

std::optional<Timeout> Puppet::timeout(View view, const PlannedTimeout& planned) const {
  std::optional<Tip> claimed;
  if (planned.tip) {
    claimed = tip(*planned.tip);
    if (!claimed) return std::nullopt;
  }
  if (ReplicaId{planned.replica} == setup_.self) {
    return own_timeout(view, claimed.value_or(heard_.genesis()->tip()));
  }
  const Timeout* sent = heard_.find_timeout(view, ReplicaId{planned.replica}, claimed);
  if (sent == nullptr) return std::nullopt;
  return *sent;
}

std::optional<Tip> Puppet::tip(const PlannedTip& planned) const {
  Tip made;
  if (planned.block == kInventedName) {
    made.block = setup_.hasher.hash({as_bytes(kInventedName)});
  } else if (const BlockPtr named = block(planned.block)) {
    made = named->tip();
  } else {
    return std::nullopt;
  }
  if (planned.claim) made = {planned.claim->view, made.block, planned.claim->qc_view};
  return made;
}

PayloadPtr Puppet::payload(std::uint32_t copies) const {
  if (copies == 0) return Payload::empty(setup_.hasher);
  const PayloadPtr& known = heard_.payload();
  if (!known) return nullptr;
  Bytes bytes;
  for (std::uint32_t i = 0; i < copies; ++i) {
    const Bytes& once = *known->bytes();
    bytes.insert(bytes.end(), once.begin(), once.end());
  }
  const auto shared = std::make_shared<const Bytes>(std::move(bytes));
  auto parsed = Payload::parse(shared, setup_.chain.limits, setup_.hasher);
  return parsed ? *parsed : known;
}

Timeout Puppet::own_timeout(View view, const Tip& tip) const {
  Timeout made;
  made.view = view;
  made.sender = setup_.self;
  made.tip = tip;
  made.signature = setup_.signer.sign(timeout_bytes(setup_.chain.chain_id, view, tip));
  made.high_qc = heard_.genesis()->qc->ref();
  return made;
}

Signature Puppet::own_vote(const Block& block) const {
  return setup_.signer.sign(vote_bytes(setup_.chain, block.view(), block.id));
}

}  // namespace waggle::sim
