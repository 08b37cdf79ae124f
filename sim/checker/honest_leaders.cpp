#include "sim/checker/honest_leaders.hpp"

namespace waggle::sim {

void HonestLeaders::on_sent(ReplicaId replica, const chained::Message& message) {
  const auto* proposal = std::get_if<chained::Proposal>(&message);
  if (proposal == nullptr || !healed_at_ || now() < *healed_at_ + settling_) return;
  const Block& block = *proposal->block;
  const Proposed made{block.view(), replica, now()};
  if (open_[block.height()].emplace(block.id, made).second) ++proposed_;
}

void HonestLeaders::on_commit(ReplicaId replica, const smr::ExecutionJob& job) {
  const Block& block = *job.block;
  if (block.height() <= committed_) return;
  committed_ = block.height();
  for (auto at = open_.begin(); at != open_.end() && at->first <= committed_;
       at = open_.erase(at)) {
    for (const auto& [id, made] : at->second) {
      if (id == block.id) continue;
      fail(told(made.leader) + " proposed " + short_hex(id) + " of " + told(made.view) + " at " +
           told(at->first) + " " + told(made.at) + ", but " + told(replica) + " commits " +
           short_hex(block.id) + " of " + told(block.view()) + " there " + told(now()));
    }
  }
}

}  // namespace waggle::sim
