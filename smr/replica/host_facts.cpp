// What a host knows of itself and tells: for status and explanations, not for the protocol.
#include "smr/replica/host.hpp"

namespace waggle::smr {

Facts Host::facts() const {
  const chained::Core::Waiting waiting = core_.waiting();
  Facts facts;
  facts.n = setup_.chain.n();
  facts.quorum = setup_.chain.quorum();
  facts.view = core_.view();
  facts.leader = setup_.chain.leader(core_.view());
  facts.committed = core_.tree().head()->height();
  facts.executed = executed_.height;
  facts.stopped = stopped_;
  facts.busy = core_.busy();
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
  facts.gave_up = waiting.gave_up;
  facts.differing.assign(watch_.differing().begin(), watch_.differing().end());
  facts.ahead = pulse_.ahead(executed_.height);
  facts.fetching = waiting.fetching;
  facts.suspended = waiting.suspended;
  if (waiting.rejoin) {
    facts.rejoin = {waiting.rejoin->reports, waiting.rejoin->bound, waiting.rejoin->certified};
  }
  facts.mempool_requests = mempool_.size();
  facts.mempool_bytes = mempool_.bytes();
  facts.mempool_full =
      mempool_.size() >= setup_.mempool.requests_max || pulse_.mempool_refuses(mempool_refusals());
  return facts;
}

std::vector<Finding> Host::findings(std::optional<std::uint64_t> disk_free) const {
  Facts all = facts();
  all.disk_free = disk_free;
  return explain(all);
}

void Host::feel_pulse() {
  pulse_.tick({.busy = core_.busy(),
               .committed = core_.tree().head()->height(),
               .executed = executed_.height,
               .barriers_issued = queue_.issued(),
               .barriers_durable = queue_.durable(),
               .mempool_refusals = mempool_refusals()});
}

std::uint64_t Host::mempool_refusals() const {
  return counters_.refused[static_cast<std::size_t>(Refusal::kMempoolFull)];
}

Status Host::status() const {
  Status status;
  status.replica = setup_.self;
  status.n = setup_.chain.n();
  status.chain_id = setup_.chain.chain_id;
  status.phase = stopped_ ? "stopped" : core_.passive() ? "rejoining" : "active";
  status.view = core_.view();
  status.leader = setup_.chain.leader(core_.view());
  status.committed = core_.tree().head()->height();
  status.executed = executed_.height;
  status.state_digest = executed_.digest;
  status.commands_executed = executed_.commands;
  status.timeouts = core_.counters().timeouts;
  status.mempool_requests = mempool_.size();
  status.mempool_bytes = mempool_.bytes();
  status.peers_connected.assign(connected_.begin(), connected_.end());
  return status;
}

}  // namespace waggle::smr
