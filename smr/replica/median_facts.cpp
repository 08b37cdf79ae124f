// What a median host knows of itself and tells: for status and explanations, not for the protocol.
#include "smr/replica/median_host.hpp"

namespace waggle::smr {

MedianFacts MedianHost::facts() const {
  MedianFacts facts;
  facts.n = setup_.parameters.n;
  facts.majority = setup_.parameters.majority();
  facts.started = server_->round().has_value();
  facts.round = server_->round().value_or(0);
  facts.final = server_->final()->length;
  facts.executed = executed_.height.value;
  facts.stopped = stopped_;
  facts.busy = admission_.waiting() + server_->pending() + server_->log_entries() > 0;
  facts.replies = server_->replies();
  facts.stalled_s = pulse_.stalled();
  facts.syncing_s = pulse_.syncing();
  facts.applying_s = pulse_.applying();
  for (std::uint32_t i = 0; i < facts.n; ++i) {
    const ReplicaId peer{i};
    if (peer == setup_.self) continue;
    if (!connected_.contains(peer)) {
      facts.unreached.push_back(peer);
    } else if (pulse_.silent(peer)) {
      facts.silent.push_back(peer);
    }
  }
  facts.differing.assign(watch_.differing().begin(), watch_.differing().end());
  facts.early.assign(early_peers_.begin(), early_peers_.end());
  facts.late.assign(late_peers_.begin(), late_peers_.end());
  facts.rounds_missed = rounds_missed_;
  facts.rounds_seen = rounds_seen_;
  facts.conflicts = server_->counters().conflicts;
  facts.rejoining = server_->rejoining();
  if (fetch_.under_way()) {
    facts.transfer = {fetch_.from(), fetch_.received(), fetch_.total()};
  }
  facts.pending = admission_.waiting() + server_->pending();
  facts.log = server_->log_entries();
  facts.full = server_->full() || admission_.full();
  return facts;
}

std::vector<Finding> MedianHost::findings(std::optional<std::uint64_t> disk_free) const {
  MedianFacts all = facts();
  all.disk_free = disk_free;
  return explain(all);
}

/// Where a chained core has views and blocks, this one has rounds and entries.
Status MedianHost::status() const {
  Status status;
  status.replica = setup_.self;
  status.n = setup_.parameters.n;
  status.chain_id = setup_.chain.chain_id;
  status.phase = stopped_ ? "stopped" : server_->rejoining() ? "rejoining" : "active";
  status.view = View{server_->round().value_or(0)};
  status.committed = Height{server_->final()->length};
  status.executed = executed_.height;
  status.state_digest = executed_.digest;
  status.commands_executed = executed_.commands;
  status.timeouts = server_->counters().rounds_blocked;
  status.mempool_requests = admission_.waiting() + server_->pending();
  status.peers_connected.assign(connected_.begin(), connected_.end());
  return status;
}

}  // namespace waggle::smr
