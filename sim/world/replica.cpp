#include "sim/world/replica.hpp"

#include <algorithm>
#include <utility>

#include "sim/world/world.hpp"

namespace waggle::sim {

std::unique_ptr<Replica> make_replica(World& world, Address address) {
  if (is_median(world.options().core)) return std::make_unique<MedianReplica>(world, address);
  return std::make_unique<ChainedReplica>(world, address);
}

Replica::Replica(World& world, Address address)
    : world_(world),
      address_(address),
      id_(world.identity(address)),
      rng_(world.rng().fork()),
      disk_(world.events(), rng_.fork(), world.options().disk, *this) {}

void Replica::later(Duration delay, Action action) {
  world_.events().after(delay, [this, life = life_, action = std::move(action)]() mutable {
    if (life == life_) run(std::move(action));
  });
}

// Life.

void Replica::start() {
  if (up() || stopped_) return;
  prepare();
  const auto found = recover();
  if (!found) return stop("recovery: " + found.error().message);
  const bool rejoin = must_rejoin_ && !found->remembers;
  if (!rejoin) must_rejoin_ = false;  // the record says so itself
  world_.note({.kind = EventKind::kStart,
               .replica = address_.value,
               .name = rejoin ? "rejoin" : "",
               .height = found->position.height});
  world_.judge().on_restarted(id_, found->position);
  ++life_;
  dying_ = false;
  executor_free_at_ = world_.events().now();
  clock_ = Clock::drifting(world_.options().clock.drift_max, rng_);
  core_rng_ = std::make_unique<Random>(rng_.next());
  host_ = make_host(rejoin);
  if (!host_) return stop("recovery: what the core stored does not decode");
  host_->start();
  began();
}

void Replica::crash(Crash how) {
  if (!up()) return;
  world_.note({.kind = EventKind::kCrash,
               .replica = address_.value,
               .name = how == Crash::kPower ? "power" : "process"});
  host_.reset();
  ended();
  timers_.clear();
  jobs_.clear();
  backlog_.clear();
  paused_ = false;
  ++life_;
  if (how == Crash::kPower) {
    disk_.power_cut();
  } else {
    disk_.process_killed();
  }
}

void Replica::lose_disk() {
  ENSURE(!up());
  world_.note({.kind = EventKind::kDisk, .replica = address_.value, .name = "lost"});
  disk_.lose();
  world_.judge().on_forgot(id_);
  must_rejoin_ = true;
  stopped_ = false;
}

void Replica::repair() { stopped_ = false; }

void Replica::die() {
  if (std::exchange(dying_, true)) return;
  world_.events().after(Duration{0}, [this, life = life_] {
    if (life == life_) world_.crash(address_);
  });
  world_.events().after(crash_plan.down, [this] { world_.restart(address_); });
}

void Replica::pause() {
  if (!alive() || std::exchange(paused_, true)) return;
  world_.note({.kind = EventKind::kPause, .replica = address_.value});
}

void Replica::resume() {
  if (!std::exchange(paused_, false)) return;
  world_.note({.kind = EventKind::kResume, .replica = address_.value});
  std::deque<Action> waiting = std::exchange(backlog_, {});
  const std::uint64_t life = life_;
  for (Action& action : waiting) {
    if (life != life_) return;
    run(std::move(action));
  }
}

void Replica::set_drift(std::int64_t ppm) {
  clock_ = Clock(ppm);
  world_.note({.kind = EventKind::kClock,
               .replica = address_.value,
               .count = static_cast<std::uint64_t>(1'000'000 + ppm)});
}

// Disk and execution.

void Replica::write(storage::Batch batch, std::function<void()> durable) {
  if (!alive()) return;
  bool last = false;
  if (crash_plan.every_writes > 0) {
    if (writes_until_crash_ == 0) writes_until_crash_ = crash_plan.every_writes;
    last = --writes_until_crash_ == 0 && crash_before_;
  }
  disk_.submit(std::move(batch), std::move(durable));
  if (!last) return;
  crash_before_ = !crash_plan.after;
  die();
}

void Replica::on_durable(std::function<void()> durable) {
  run([this, durable = std::move(durable)] {
    if (crash_plan.every_writes > 0 && writes_until_crash_ == 0) {
      crash_before_ = crash_plan.before;
      return die();  // durable, and nobody was told
    }
    durable();
  });
}

void Replica::on_disk_error(const storage::StorageError& error) {
  if (alive()) stop("disk: " + error.message);
}

void Replica::read(std::function<void(const storage::Storage&)> job, std::function<void()> done) {
  if (!alive()) return;
  later(disk_.read_latency(), [this, job = std::move(job), done = std::move(done)]() mutable {
    job(disk_);
    later(Duration{10}, std::move(done));
  });
}

namespace {
[[noreturn]] void other_core() {
  ensure_failed("its core", __FILE__, __LINE__, "a host says what its world's core never does");
}
}  // namespace

void Replica::send(ReplicaId, const chained::Message&) { other_core(); }
void Replica::broadcast(const chained::Message&) { other_core(); }
void Replica::send(ReplicaId, const median::Message&) { other_core(); }
void Replica::broadcast(const median::Message&) { other_core(); }
void Replica::execute(smr::ExecutionJob) { other_core(); }
void Replica::execute(smr::SealedJob, std::function<void()>) { other_core(); }

void Replica::enqueue(Action job) {
  jobs_.push_back(std::move(job));
  const Duration now = world_.events().now();
  executor_free_at_ = std::max(executor_free_at_, now) + world_.options().execution.draw(rng_);
  later(executor_free_at_ - now, [this] {
    Action next = std::move(jobs_.front());
    jobs_.pop_front();
    next();
  });
}

// Network and clients.

void Replica::arrive(Address from, std::uint64_t transmission, Action take) {
  const Event event{.kind = EventKind::kDeliver,
                    .replica = address_.value,
                    .peer = from.value,
                    .number = transmission};
  const bool taken = run([this, event, take = std::move(take)]() mutable {
    world_.note(event);
    take();
  });
  if (taken) return;
  Event dropped = event;
  dropped.kind = EventKind::kDrop;
  dropped.name = paused_ ? "full" : "down";
  world_.note(dropped);
}

void Replica::deliver(Address from, const smr::HostMessage& message, std::uint64_t transmission) {
  arrive(from, transmission, [this, from, message] { take(world_.identity(from), message); });
}

void Replica::take(ReplicaId from, const smr::HostMessage& message) {
  if (const auto* report = std::get_if<smr::StateReport>(&message)) {
    host_->on_report(from, *report);
    return;
  }
  for (const SharedBytes& bytes : std::get<smr::Forward>(message).requests) {
    auto checked = smr::check_request(bytes, world_.chain(), world_.verifier());
    if (checked && alive()) host_->on_request(std::nullopt, std::move(*checked));
  }
}

void Replica::deliver_request(smr::ClientConnection from, const SharedBytes& bytes) {
  run([this, from, bytes] {
    auto checked = smr::check_request(bytes, world_.chain(), world_.verifier());
    if (checked) {
      host_->on_request(from, std::move(*checked));
    } else {
      host_->on_refused_request(from, *bytes, bytes->size(), checked.error());
    }
  });
}

void Replica::connected(ReplicaId peer) {
  run([this, peer] { host_->on_peer_connected(peer); });
}

void Replica::disconnected(ReplicaId peer) {
  run([this, peer] { host_->on_peer_disconnected(peer); });
}

void Replica::send(ReplicaId to, const smr::HostMessage& message) {
  if (!alive()) return;
  const auto* forward = std::get_if<smr::Forward>(&message);
  if (forward == nullptr ? byzantine() : world_.options().forwards_lost) return;
  const std::uint32_t bytes = wire_size(message);
  const auto shared = std::make_shared<const smr::HostMessage>(message);
  world_.for_each_address(to, [&](Address at) {
    Wire wire{address_, at, kind_of(message), View{0}, nullptr, bytes};
    wire.sent_in = view();
    world_.network().send(wire, [this, at, shared](std::uint64_t number) {
      world_.replica(at).deliver(address_, *shared, number);
    });
  });
}

void Replica::reply(smr::ClientConnection to, smr::ReplicaMessage message) {
  if (!alive()) return;
  if (auto* committed = std::get_if<smr::Committed>(&message); committed && byzantine()) {
    for (smr::CommandResult& result : committed->results) result.result = to_bytes("lie");
  }
  const auto shared = std::make_shared<const smr::ReplicaMessage>(std::move(message));
  world_.network().send_client([&world = world_, from = id_, to, shared] {
    world.client(to.value).on_reply(from, *shared);
  });
}

// Clock.

void Replica::set_timer(TimerId timer, Duration after) {
  if (!alive()) return;
  const std::uint64_t number = ++timers_set_;
  timers_[timer] = number;
  later(clock_.real(after), [this, timer, number] {
    const auto found = timers_.find(timer);
    if (found == timers_.end() || found->second != number) return;
    timers_.erase(found);
    host_->on_timer(timer);
  });
}

void Replica::cancel_timer(TimerId timer) { timers_.erase(timer); }

// The end.

void Replica::log(smr::Severity severity, std::string line) {
  world_.note({.kind = EventKind::kLog, .replica = address_.value, .name = line});
  if (severity == smr::Severity::kError && world_.judge().honest(id_)) {
    world_.fail("complaint", told(id_) + " " + told(world_.events().now()) + ": " + line);
  }
}

void Replica::stop(std::string reason) {
  world_.note({.kind = EventKind::kStop, .replica = address_.value, .name = reason});
  stopped_ = true;
  if (world_.judge().honest(id_) && !disk_.harmed()) {
    world_.fail("stop", told(id_) + " stops " + told(world_.events().now()) + ": " + reason);
  }
  crash_plan = {};
  if (std::exchange(dying_, true)) return;
  world_.events().after(Duration{0}, [this, life = life_] {
    if (life == life_) world_.crash(address_);
  });
}

}  // namespace waggle::sim
