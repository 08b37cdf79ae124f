#include "sim/world/replica.hpp"

#include "smr/replica/recovery.hpp"
#include "storage/keys.hpp"
#include "sim/world/world.hpp"

namespace waggle::sim {

using chained::Message;

Replica::Replica(World& world, ReplicaId id)
    : world_(world),
      id_(id),
      rng_(world.rng().fork()),
      storage_(std::make_unique<storage::MemoryStorage>()) {}

void Replica::later(Duration delay, std::function<void()> action) {
  world_.events().after(delay, [this, life = life_, action = std::move(action)] {
    if (life == life_ && alive()) action();
  });
}

void Replica::start() {
  if (up() || stopped_) return;
  auto recovered = smr::recover(*storage_, world_.chain(), world_.hasher());
  if (!recovered) {
    stop("recovery: " + recovered.error().message);
    return;
  }
  world_.note("start", id_.value, recovered->position.height.value);
  world_.checker().on_restarted(id_, recovered->position);
  const bool rejoin = must_rejoin_ && !recovered->core.safety;
  if (!rejoin) must_rejoin_ = false;  // the record says so itself
  ++life_;
  dying_ = false;
  disk_free_at_ = executor_free_at_ = world_.events().now();
  clock_rate_permille_ = static_cast<std::uint32_t>(rng_.between(960, 1040));
  if (crash_plan.every_writes > 0 && writes_until_crash_ == 0) {
    writes_until_crash_ = crash_plan.every_writes;
  }
  core_rng_ = std::make_unique<Random>(rng_.next());
  executor_ = std::make_unique<smr::Executor>(*storage_, machine_, world_.hasher(),
                                              recovered->position);
  const smr::Host::Setup setup{.chain = world_.chain(),
                               .rules = world_.rules(),
                               .self = id_,
                               .hasher = world_.hasher(),
                               .signer = world_.signer(id_),
                               .rng = *core_rng_,
                               .pacemaker = world_.options().pacemaker,
                               .mempool = {},
                               };
  host_ = std::make_unique<smr::Host>(setup, *this, std::move(*recovered), rejoin);
  host_->start();
}

void Replica::crash() {
  if (!up()) return;
  world_.note("crash", id_.value);
  host_.reset();
  executor_.reset();
  timers_.clear();
  jobs_.clear();
  ++life_;
  // What was on its way to the disk may have got there, in order.
  std::size_t kept = rng_.below(storage_->unsynced() + writes_.size() + 1);
  for (std::size_t i = storage_->unsynced(); i < kept && !writes_.empty(); ++i) {
    if (!storage_->write(writes_.front().batch, false)) break;
    writes_.pop_front();
  }
  writes_.clear();
  storage_->crash(kept);
}

void Replica::lose_disk() {
  ENSURE(!up());
  world_.note("lose disk", id_.value);
  storage_ = std::make_unique<storage::MemoryStorage>();
  must_rejoin_ = true;
}

bool Replica::forgetful() const noexcept {
  if (up()) return host_->core().record().rejoin != chained::RejoinPhase::kNone;
  if (must_rejoin_) return true;
  const auto recovered = smr::recover(*storage_, world_.chain(), world_.hasher());
  return recovered && recovered->core.safety &&
         recovered->core.safety->rejoin != chained::RejoinPhase::kNone;
}

void Replica::die() {
  if (std::exchange(dying_, true)) return;
  world_.events().after(Duration{0}, [this, life = life_] {
    if (life == life_) world_.crash(id_);
  });
  world_.events().after(crash_plan.down, [this] { world_.restart(id_); });
}

void Replica::deliver(ReplicaId from, const Message& message) {
  if (!alive()) return;
  world_.note(kind_of(message), from.value, id_.value);
  auto verified = chained::validate(message, from, world_.genesis(), world_.chain(),
                                     world_.keys(), world_.hasher());
  if (!verified) {
    if (world_.checker().honest(from)) {
      world_.checker().fail("an honest replica's " + std::string(kind_of(message)) +
                            " is refused: " + std::string(to_string(verified.error())));
    }
    return;
  }
  if (byzantine) {
    for (const auto& [to, said] : byzantine->hear(message)) transmit(to, said);
  }
  host_->on_message(*verified);
}

void Replica::deliver(ReplicaId from, const smr::HostMessage& message) {
  if (!alive()) return;
  if (const auto* report = std::get_if<smr::StateReport>(&message)) {
    host_->on_report(from, *report);
    return;
  }
  for (const SharedBytes& bytes : std::get<smr::Forward>(message).requests) {
    auto checked = smr::check_request(bytes, world_.chain(), world_.keys());
    if (checked && alive()) host_->on_request(std::nullopt, std::move(*checked));
  }
}

void Replica::deliver_request(smr::ClientConnection from, const SharedBytes& bytes) {
  if (!alive()) return;
  auto checked = smr::check_request(bytes, world_.chain(), world_.keys());
  if (checked) {
    host_->on_request(from, std::move(*checked));
  } else {
    host_->on_refused_request(from, bytes, checked.error());
  }
}

void Replica::connected(ReplicaId peer) {
  if (alive()) host_->on_peer_connected(peer);
}

void Replica::disconnected(ReplicaId peer) {
  if (alive()) host_->on_peer_disconnected(peer);
}

void Replica::send(ReplicaId to, const Message& message) {
  if (!alive()) return;
  world_.checker().on_sent(id_, message);
  if (!byzantine) return transmit(to, message);
  for (const Message& instead : byzantine->tamper(to, message)) transmit(to, instead);
}

void Replica::broadcast(const Message& message) {
  for (std::uint32_t to = 0; to < world_.n(); ++to) {
    if (ReplicaId{to} != id_) send(ReplicaId{to}, message);
  }
}

void Replica::transmit(ReplicaId to, const Message& message) {
  if (to == id_) return;
  world_.network().send(id_, to, [&world = world_, from = id_, to, message] {
    world.replica(to).deliver(from, message);
  });
}

void Replica::send(ReplicaId to, const smr::HostMessage& message) {
  if (!alive()) return;
  const bool report = std::holds_alternative<smr::StateReport>(message);
  if (report ? byzantine.has_value() : world_.options().forwards_lost) return;
  world_.network().send(id_, to, [&world = world_, from = id_, to, message] {
    world.replica(to).deliver(from, message);
  });
}

void Replica::reply(smr::ClientConnection to, smr::ReplicaMessage message) {
  if (!alive()) return;
  if (auto* committed = std::get_if<smr::Committed>(&message); committed && byzantine) {
    for (smr::CommandResult& result : committed->results) result.result = to_bytes("lie");
  }
  world_.network().send_client([&world = world_, from = id_, to, message = std::move(message)] {
    world.client(to.value).on_reply(from, message);
  });
}

void Replica::set_timer(TimerId timer, Duration after) {
  if (!alive()) return;
  const std::uint64_t number = ++timers_set_;
  timers_[timer] = number;
  later(after * clock_rate_permille_ / 1000, [this, timer, number] {
    const auto found = timers_.find(timer);
    if (found == timers_.end() || found->second != number) return;
    timers_.erase(found);
    host_->on_timer(timer);
  });
}

void Replica::cancel_timer(TimerId timer) { timers_.erase(timer); }

void Replica::write(storage::Batch batch, std::function<void()> durable) {
  if (!alive()) return;
  if (crash_plan.every_writes > 0 && --writes_until_crash_ == 0 && crash_before_) {
    crash_before_ = !crash_plan.after;
    writes_.push_back({std::move(batch), nullptr});
    return die();
  }
  const Duration now = world_.events().now();
  const Duration latency = rng_.between(world_.options().sync_min, world_.options().sync_max);
  // Group commit: what comes while a sync is under way shares the next one.
  disk_free_at_ = std::max(disk_free_at_, now + latency);
  if (world_.options().lying_disks) {
    world_.note("write", id_.value);
    if (!storage_->write(batch, false)) stop("disk");
    later(Duration{1}, std::move(durable));
    return;
  }
  writes_.push_back({std::move(batch), std::move(durable)});
  later(disk_free_at_ - now, [this] { complete_write(); });
}

void Replica::complete_write() {
  Write write = std::move(writes_.front());
  writes_.pop_front();
  world_.note("durable", id_.value, write.batch.bytes());
  if (!storage_->write(write.batch, true)) return stop("disk");
  if (crash_plan.every_writes > 0 && writes_until_crash_ == 0) {
    crash_before_ = crash_plan.before;
    return die();  // durable, and nobody was told
  }
  write.durable();
}

void Replica::read(std::function<void(const storage::Storage&)> job, std::function<void()> done) {
  if (!alive()) return;
  const Duration delay = rng_.between(Duration{20}, Duration{500});
  later(delay, [this, job = std::move(job), done = std::move(done)]() mutable {
    job(*storage_);
    later(Duration{10}, std::move(done));
  });
}

void Replica::execute(smr::ExecutionJob job) {
  if (!alive()) return;
  world_.checker().on_commit(id_, job);
  jobs_.push_back(std::move(job));
  const Duration now = world_.events().now();
  executor_free_at_ =
      std::max(executor_free_at_, now) + rng_.between(Duration{5}, world_.options().execute_max);
  later(executor_free_at_ - now, [this] { execute_next(); });
}

void Replica::execute_next() {
  const smr::ExecutionJob job = std::move(jobs_.front());
  jobs_.pop_front();
  auto executed = executor_->execute(job);
  if (!executed) return stop("execution: " + executed.error().message);
  world_.note("executed", id_.value, executed->position.height.value);
  world_.checker().on_executed(id_, executed->position);
  later(Duration{10}, [this, result = std::move(*executed)] { host_->on_executed(result); });
}

void Replica::log(smr::Severity severity, std::string line) {
  world_.note("log " + line, id_.value);
  if (severity == smr::Severity::kError && !byzantine) {
    world_.checker().fail("replica " + std::to_string(id_.value) + " complains: " + line);
  }
}

void Replica::stop(std::string reason) {
  world_.note("stop " + reason, id_.value);
  stopped_ = true;
  if (!byzantine) {
    world_.checker().fail("replica " + std::to_string(id_.value) + " stopped: " + reason);
  }
  crash_plan = {};
  if (std::exchange(dying_, true)) return;
  world_.events().after(Duration{0}, [this] { world_.crash(id_); });
}

}  // namespace waggle::sim
