#include "sim/world/chained_replica.hpp"

#include <utility>

#include "sim/world/world.hpp"
#include "smr/replica/recovery.hpp"

namespace waggle::sim {

ChainedReplica::ChainedReplica(World& world, Address address) : Replica(world, address) {
  const BuggifyOptions& buggify = world.options().buggify;
  if (buggify.chances.empty()) return;
  buggifier_.emplace(address, buggify, world.rng().fork(), world.events(), world.trace());
}

void ChainedReplica::look() {
  if (!host_) return;
  const bool held_up = observer_.look(host_->core(), world_.events().now(), world_.trace());
  if (held_up) {
    const chained::Core::Counters& counters = host_->core().counters();
    world_.judge().on_held_up(id_, counters.suspended_last, counters.suspended_for);
    world_.show_outsider(*this);
  }
  world_.on_view(id_, host_->core().view());
}

// Life.

void ChainedReplica::prepare() {
  for (const auto& adversary : adversaries_) {
    if (life() > 0 && adversary->forgets()) disk_.lose();
  }
}

storage::Outcome<Replica::Found> ChainedReplica::recover() {
  auto recovered = smr::recover(disk_, world_.chain(), world_.hasher());
  if (!recovered) return Unexpected{recovered.error()};
  recovered_ = std::move(*recovered);
  return Found{recovered_->position, recovered_->core.safety.has_value()};
}

std::unique_ptr<smr::ReplicaHost> ChainedReplica::make_host(bool rejoin) {
  executor_ =
      std::make_unique<smr::Executor>(disk_, machine_, world_.hasher(), recovered_->position);
  const smr::Host::Setup setup{.chain = world_.chain(),
                               .rules = world_.rules(),
                               .self = id_,
                               .hasher = world_.hasher(),
                               .signer = world_.signer(id_),
                               .rng = core_rng(),
                               .pacemaker = world_.options().pacemaker,
                               .mempool = {},
                               .buggify = buggifier_ ? &*buggifier_ : nullptr};
  auto host = std::make_unique<smr::Host>(setup, *this, *std::exchange(recovered_, {}), rejoin);
  host_ = host.get();
  return host;
}

void ChainedReplica::ended() {
  host_ = nullptr;
  executor_.reset();
}

void ChainedReplica::add_adversary(std::unique_ptr<Adversary> adversary) {
  adversaries_.push_back(std::move(adversary));
}

void ChainedReplica::remove_adversary(const Adversary* adversary) {
  std::erase_if(adversaries_, [adversary](const auto& one) { return one.get() == adversary; });
}

bool ChainedReplica::forgetful() const {
  if (up()) return host_->core().record().rejoin != chained::RejoinPhase::kNone;
  if (must_rejoin_) return true;
  const auto recovered = smr::recover(disk_, world_.chain(), world_.hasher());
  return recovered && recovered->core.safety &&
         recovered->core.safety->rejoin != chained::RejoinPhase::kNone;
}

Usage ChainedReplica::usage() const {
  return {.blocks = host_->core().tree().nodes().size(),
          .mempool_requests = host_->mempool().size(),
          .mempool_bytes = host_->mempool().bytes(),
          .unwritten = disk_.waiting(),
          .unexecuted = unexecuted()};
}

// Execution.

void ChainedReplica::execute(smr::ExecutionJob job) {
  if (!alive()) return;
  world_.note({.kind = EventKind::kCommit,
               .replica = address_.value,
               .view = job.block->view(),
               .height = job.block->height(),
               .block = &job.block->id});
  world_.on_commit(id_, job);
  enqueue([this, job = std::move(job)] {
    auto executed = executor_->execute(job);
    if (!executed) return stop("execution: " + executed.error().message);
    world_.note({.kind = EventKind::kExecute,
                 .replica = address_.value,
                 .height = executed->position.height,
                 .block = &executed->position.digest});
    world_.judge().on_executed(id_, executed->position);
    later(Duration{10}, [this, result = std::move(*executed)] { host_->on_executed(result); });
  });
}

std::string ChainedReplica::told_state() const {
  const chained::Core& core = host_->core();
  const chained::SafetyRecord& record = core.record();
  return "view " + std::to_string(record.view.value) + " head " +
         std::to_string(core.tree().head()->height().value) + " executed " +
         std::to_string(executed().height.value) + " high_qc " +
         std::to_string(record.high_qc->view.value) + " tip " +
         std::to_string(record.tip.view.value) + " voted " +
         std::to_string(record.last_voted_view.value) + " timed_out " +
         std::to_string(record.last_timeout_view.value) + " timeouts " +
         std::to_string(core.counters().timeouts) + " mempool " +
         std::to_string(host_->mempool().size()) +
         (core.passive() ? " passive"
          : core.busy()  ? " busy"
                         : " idle");
}

}  // namespace waggle::sim
