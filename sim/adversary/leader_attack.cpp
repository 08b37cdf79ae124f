#include "sim/adversary/leader_attack.hpp"

#include <algorithm>

namespace waggle::sim {

using namespace chained;

void LeaderAttack::tamper(Outgoing message, Out& out) {
  memory_.note(setup_.self, message.message);
  const bool proposes = std::holds_alternative<Proposal>(message.message);
  const bool votes = std::holds_alternative<Vote>(message.message);
  if (proposes || votes) {  // for its core's block, which nobody else has
    if (view_of(message.message) == led_) return;
  }
  disguise(std::move(message), out);
}

void LeaderAttack::hear(ReplicaId from, const Message& message, Out& out) {
  memory_.note(from, message);
  listen(from, message, out);
  for (const View given_up : memory_.given_up()) {
    const View view = given_up.next();
    if (view <= led_ || setup_.chain.leader(view) != setup_.self) continue;
    if (memory_.high_qc()->view >= given_up) continue;  // not given up after all
    std::vector<Timeout> others = memory_.timeouts(given_up);
    if (others.size() + 1 < setup_.chain.tc_quorum()) continue;
    if (lead(view, std::move(others), out)) led_ = view;
  }
}

BlockPtr LeaderAttack::build(Plan plan, Out& out) {
  auto history = memory_.after(plan.parent->id);
  if (!history) {
    const Height below{plan.parent->height().value - 1};
    const ReplicaId holder = plan.parent->header.proposer;
    if (holder != setup_.self) out.push_back({holder, BranchRequest{plan.parent->id, below, 1}});
    return nullptr;
  }
  Author::Draft draft{plan.view, plan.parent, std::move(*history),
                      plan.qc,   nullptr,     std::move(plan.payload)};
  if (!plan.timeouts.empty()) {
    draft.tc = author_.tc(plan.view.previous(), std::move(plan.timeouts));
  }
  BlockPtr block = author_.block(draft);
  memory_.note(block);
  return block;
}

void LeaderAttack::show(const BlockPtr& block, const std::vector<ReplicaId>& to, Out& out) const {
  for (const ReplicaId receiver : to) out.push_back({receiver, Proposal{block}});
}

void LeaderAttack::vote_for(const Block& block, Out& out) const {
  const ReplicaId collector = setup_.chain.leader(block.view().next());
  if (collector != setup_.self) out.push_back({collector, author_.vote(block.view(), block.id)});
}

BlockPtr LeaderAttack::highest_tip(const std::vector<Timeout>& timeouts) const {
  const auto highest = std::max_element(
      timeouts.begin(), timeouts.end(),
      [](const Timeout& a, const Timeout& b) { return a.tip.rank() < b.tip.rank(); });
  if (highest == timeouts.end()) return nullptr;
  BlockPtr block = memory_.find(highest->tip.block);
  return block && block->rank() == highest->tip.rank() ? block : nullptr;
}

}  // namespace waggle::sim
