#include "sim/world/replica.hpp"

#include <algorithm>
#include <utility>

#include "sim/world/world.hpp"
#include "smr/replica/recovery.hpp"

namespace waggle::sim {

Replica::Replica(World& world, Address address)
    : world_(world),
      address_(address),
      id_(world.identity(address)),
      rng_(world.rng().fork()),
      disk_(world.events(), rng_.fork(), world.options().disk, *this) {
  const BuggifyOptions& buggify = world.options().buggify;
  if (buggify.chances.empty()) return;
  buggifier_.emplace(address, buggify, world.rng().fork(), world.events(), world.trace());
}

void Replica::look() {
  if (!host_) return;
  const bool held_up = observer_.look(host_->core(), world_.events().now(), world_.trace());
  if (held_up) {
    const chained::Core::Counters& counters = host_->core().counters();
    world_.judge().on_held_up(id_, counters.suspended_last, counters.suspended_for);
    world_.show_outsider(*this);
  }
  world_.on_view(id_, host_->core().view());
}

template <class F>
void Replica::later(Duration delay, F action) {
  world_.events().after(delay, [this, life = life_, action = std::move(action)]() mutable {
    if (life == life_) run(std::move(action));
  });
}

// Life.

void Replica::start() {
  if (up() || stopped_) return;
  for (const auto& adversary : adversaries_) {
    if (life_ > 0 && adversary->forgets()) disk_.lose();
  }
  auto recovered = smr::recover(disk_, world_.chain(), world_.hasher());
  if (!recovered) {
    stop("recovery: " + recovered.error().message);
    return;
  }
  const bool rejoin = must_rejoin_ && !recovered->core.safety;
  if (!rejoin) must_rejoin_ = false;  // the record says so itself
  world_.note({.kind = EventKind::kStart,
               .replica = address_.value,
               .name = rejoin ? "rejoin" : "",
               .height = recovered->position.height});
  world_.judge().on_restarted(id_, recovered->position);
  ++life_;
  dying_ = false;
  executor_free_at_ = world_.events().now();
  clock_ = Clock::drifting(world_.options().clock.drift_max, rng_);
  core_rng_ = std::make_unique<Random>(rng_.next());
  executor_ =
      std::make_unique<smr::Executor>(disk_, machine_, world_.hasher(), recovered->position);
  const smr::Host::Setup setup{.chain = world_.chain(),
                               .rules = world_.rules(),
                               .self = id_,
                               .hasher = world_.hasher(),
                               .signer = world_.signer(id_),
                               .rng = *core_rng_,
                               .pacemaker = world_.options().pacemaker,
                               .mempool = {},
                               .buggify = buggifier_ ? &*buggifier_ : nullptr};
  host_ = std::make_unique<smr::Host>(setup, *this, std::move(*recovered), rejoin);
  host_->start();
  observer_.reset(address_, host_->core());
}

void Replica::crash(Crash how) {
  if (!up()) return;
  world_.note({.kind = EventKind::kCrash,
               .replica = address_.value,
               .name = how == Crash::kPower ? "power" : "process"});
  host_.reset();
  executor_.reset();
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

void Replica::add_adversary(std::unique_ptr<Adversary> adversary) {
  adversaries_.push_back(std::move(adversary));
}

void Replica::remove_adversary(const Adversary* adversary) {
  std::erase_if(adversaries_, [adversary](const auto& one) { return one.get() == adversary; });
}

bool Replica::forgetful() const {
  if (up()) return host_->core().record().rejoin != chained::RejoinPhase::kNone;
  if (must_rejoin_) return true;
  const auto recovered = smr::recover(disk_, world_.chain(), world_.hasher());
  return recovered && recovered->core.safety &&
         recovered->core.safety->rejoin != chained::RejoinPhase::kNone;
}

Usage Replica::usage() const {
  return {.blocks = host_->core().tree().nodes().size(),
          .mempool_requests = host_->mempool().size(),
          .mempool_bytes = host_->mempool().bytes(),
          .unwritten = disk_.waiting(),
          .unexecuted = jobs_.size()};
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

void Replica::execute(smr::ExecutionJob job) {
  if (!alive()) return;
  world_.note({.kind = EventKind::kCommit,
               .replica = address_.value,
               .view = job.block->view(),
               .height = job.block->height(),
               .block = &job.block->id});
  world_.on_commit(id_, job);
  jobs_.push_back(std::move(job));
  const Duration now = world_.events().now();
  executor_free_at_ = std::max(executor_free_at_, now) + world_.options().execution.draw(rng_);
  later(executor_free_at_ - now, [this] { execute_next(); });
}

void Replica::execute(smr::SealedJob, std::function<void()>) {
  ENSURE(false, "no median server here");
}

void Replica::execute_next() {
  const smr::ExecutionJob job = std::move(jobs_.front());
  jobs_.pop_front();
  auto executed = executor_->execute(job);
  if (!executed) return stop("execution: " + executed.error().message);
  world_.note({.kind = EventKind::kExecute,
               .replica = address_.value,
               .height = executed->position.height,
               .block = &executed->position.digest});
  world_.judge().on_executed(id_, executed->position);
  later(Duration{10}, [this, result = std::move(*executed)] { host_->on_executed(result); });
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
