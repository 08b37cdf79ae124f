#include "sim/world/world.hpp"

#include <algorithm>

#include "sim/checker/liveness.hpp"
#include "sim/checker/proof_soundness.hpp"

namespace waggle::sim {

chained::PacemakerConfig default_pacemaker() {
  chained::PacemakerConfig config;
  config.view_timeout = std::chrono::milliseconds(100);
  config.grace = std::chrono::milliseconds(40);
  config.timeout_max = std::chrono::seconds(2);
  config.heartbeat = std::chrono::milliseconds(300);
  config.fetch_retry = std::chrono::milliseconds(60);
  config.rejoin_retry = std::chrono::milliseconds(200);
  return config;
}

namespace {

/// How often queues are measured and deadlines looked at.
constexpr Duration kLookAround = std::chrono::milliseconds(50);

}  // namespace

ChainConfig World::make_chain() {
  ChainConfig chain;
  chain.chain_id = hasher().hash({as_bytes("a world's chain")});
  chain.limits = options_.limits;
  for (std::uint32_t id = 0; id < options_.n; ++id) {
    signers_.push_back(crypto_->make_signer(id));
    chain.replica_keys.push_back(signers_.back()->public_key());
  }
  chain.certificate_guards = options_.certificate_guards;
  if (options_.leaders.empty()) {
    chain.leaders = std::make_shared<RoundRobin>(options_.n);
  } else {
    chain.leaders = std::make_shared<ListedLeaders>(options_.leaders);
  }
  chain.depth_max = std::max(options_.depth_max, default_depth_max(options_.core, chain.f()));
  return chain;
}

World::World(const WorldOptions& options)
    : options_(options),
      rng_(options.seed * 0x9e3779b97f4a7c15 + options.n),
      trace_(options.sink),
      crypto_(CryptoSuite::make(options.signatures)),
      chain_(make_chain()),
      rules_(make_rules(options.core, options.guards)),
      genesis_(make_genesis(chain_, hasher())->id),
      network_(options.n, options.network, events_, trace_, rng_.fork()),
      judge_(options.n, chain_.f(), tips_follow_votes(options.core)) {
  ENSURE(rules_ != nullptr, "a core of core_names()");
  if (options.core == "pbeegees") judge_.demand<ProofSoundness>(&hasher());
  for (std::uint32_t id = 0; id < options.n; ++id) {
    replicas_.push_back(std::make_unique<Replica>(*this, ReplicaId{id}));
  }
}

void World::start() {
  for (const auto& replica : replicas_) {
    const Duration skew = rng_.between(Duration{0}, options_.clock.skew_max);
    events_.after(skew, [&started = *replica] { started.start(); });
  }
  for (std::uint32_t a = 0; a < n(); ++a) {
    for (std::uint32_t b = a + 1; b < n(); ++b) connect(ReplicaId{a}, ReplicaId{b});
  }
  for (const auto& client : clients_) client->start();
  if (options_.network.before_gst) {
    events_.at(options_.network.gst, [this] {
      network_.reach_gst();
      note({.kind = EventKind::kGst});
    });
  }
  look_around();
}

void World::look_around() {
  events_.after(kLookAround, [this] {
    for (const auto& replica : replicas_) {
      if (!replica->up()) continue;
      judge_.on_usage(replica->id(), replica->usage());
    }
    judge_.on_time();
    look_around();
  });
}

Client& World::add_client(const ClientPlan& plan) {
  const auto index = static_cast<std::uint32_t>(clients_.size());
  clients_.push_back(
      std::make_unique<Client>(*this, index, crypto_->make_signer(1'000'000 + index), plan));
  return *clients_.back();
}

Adversary& World::corrupt(ReplicaId id, const AdversaryKind& kind, const Parameters& parameters,
                          const Plan* plan) {
  static const Plan kNoPlan;
  judge_.excuse(id);
  if (plan == nullptr) plan = &kNoPlan;
  auto made = kind.make({id, chain_, hasher(), signer(id), options_.pacemaker, rng_.fork(), plan},
                        parameters);
  Adversary& adversary = *made;
  replica(id).add_adversary(std::move(made));
  return adversary;
}

Adversary& World::corrupt(ReplicaId id, std::string_view strategy) {
  const AdversaryKind* kind = find_adversary(strategy);
  ENSURE(kind != nullptr, "no such strategy");
  return corrupt(id, *kind, defaults_of(*kind));
}

void World::run_for(Duration span) {
  run_until([] { return false; }, span);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Duration end = events_.now() + limit;
  while (fine()) {
    if (done()) return true;
    if (events_.empty() || events_.next_at() > end) {
      events_.advance_to(end);
      judge_.set_now(end);
      return false;
    }
    judge_.set_now(events_.next_at());
    if (progress_ != nullptr) *progress_ = {events_.count() + 1, events_.next_at()};
    events_.run_next();
  }
  return false;
}

void World::watch(std::uint64_t events_max, RunProgress* progress) {
  events_max_ = events_max;
  progress_ = progress;
}

void World::connect(ReplicaId a, ReplicaId b) {
  const Duration delay = rng_.between(Duration{500}, Duration{20'000});
  events_.after(delay, [this, a, b] {
    if (!replica(a).up() || !replica(b).up()) return;
    if (network_.is_cut(a, b) || network_.is_cut(b, a)) return;
    replica(a).connected(b);
    replica(b).connected(a);
  });
}

void World::crash(ReplicaId id, Crash how) {
  if (!replica(id).up()) return;
  replica(id).crash(how);
  for (std::uint32_t other = 0; other < n(); ++other) replica(ReplicaId{other}).disconnected(id);
}

void World::restart(ReplicaId id) {
  if (replica(id).up() || replica(id).stopped()) return;
  if (away_.contains(id) || kept_down_.contains(id)) return;
  replica(id).start();
  for (std::uint32_t other = 0; other < n(); ++other) {
    if (ReplicaId{other} != id) connect(id, ReplicaId{other});
  }
}

void World::release(ReplicaId id) {
  const auto kept = kept_down_.find(id);
  if (kept != kept_down_.end() && --kept->second == 0) kept_down_.erase(kept);
  restart(id);
}

void World::lose_disk(ReplicaId id) {
  crash(id);
  replica(id).lose_disk();
}

void World::rot(ReplicaId id) {
  const bool rotten = replica(id).disk().rot();
  note({.kind = EventKind::kDisk, .replica = id.value, .name = rotten ? "rot" : "nothing to rot"});
}

void World::uncut(ReplicaId from, ReplicaId to) {
  // A connection needs both directions.
  if (network_.uncut(from, to) && !network_.is_cut(to, from)) connect(from, to);
}

void World::heal_cuts() {
  for (const auto& [a, b] : network_.heal()) connect(a, b);
}

void World::heal() {
  away_.clear();
  kept_down_.clear();
  network_.calm();
  heal_cuts();
  for (const auto& replica : replicas_) {
    replica->crash_plan = {};
    replica->resume();
    restart(replica->id());
  }
  judge_.on_healed();
}

bool World::clients_done() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->done(); });
}

bool World::settled() const {
  return std::all_of(replicas_.begin(), replicas_.end(), [this](const auto& replica) {
    if (!counts(*replica)) return true;
    if (!replica->up()) return false;
    const smr::Host& host = replica->host();
    return host.executed().height == judge_.highest() && !host.core().busy() &&
           !host.core().passive();
  });
}

void World::expect_progress_then_silence(Duration bound) {
  if (!run_until([this] { return clients_done(); }, bound) && fine()) {
    fail(Liveness::kName, "commands are not committed; " + summary());
  }
  expect_silence(std::chrono::seconds(20));
  check_states();
}

/// Everybody learns of the last commit, and executes it.
void World::expect_settled(Duration bound) {
  if (!run_until([this] { return settled(); }, bound) && fine()) {
    fail(Liveness::kName, "not all replicas come into step; " + summary());
  }
}

void World::mute_liars() {
  WireRule rule;
  for (const auto& replica : replicas_) {
    if (!judge_.honest(replica->id())) rule.from.push_back(replica->id().value);
  }
  if (!rule.from.empty()) network_.add_rule(rule);
}

void World::expect_silence(Duration bound) {
  expect_settled(bound);
  mute_liars();
  // What is under way, a timeout that is repeated or a heartbeat may still wake somebody.
  for (int windows = 3; windows > 0 && fine(); --windows) {
    const std::uint64_t before = judge_.news();
    run_for(options_.pacemaker.view_timeout * 20);
    if (judge_.news() == before && settled()) return;
  }
  if (fine()) {
    fail("silence", "replicas of an idle chain go on (4.9); " + summary());
  }
}

void World::check_states() {
  for (const auto& replica : replicas_) {
    if (!replica->up() || !counts(*replica)) continue;
    if (replica->host().executed().height != judge_.highest()) {
      fail(Liveness::kName, told(replica->id()) + " lags; " + summary());
    }
    judge_.on_final_state(replica->id(), replica->disk());
  }
  check_last_proofs();
}

void World::on_commit(ReplicaId id, const smr::ExecutionJob& job) {
  judge_.on_commit(id, job);
  if (judge_.honest(id)) {
    metrics_.on_commit(*job.block, replica(id).host().core().view(), events_.now());
  }
}

void World::on_view(ReplicaId id, View view) {
  if (view <= metrics_.highest_view() || !judge_.honest(id)) return;
  metrics_.on_view(view);
  for (const auto& watcher : watchers_) watcher(view);
}

Strikes World::strikes() const {
  Strikes sum{};
  for (const auto& replica : replicas_) {
    const Strikes struck = replica->struck();
    for (std::size_t place = 0; place < kPlaceCount; ++place) sum[place] += struck[place];
  }
  return sum;
}

void World::fail(std::string_view property, std::string detail) {
  note({.kind = EventKind::kViolation, .name = property});
  judge_.fail(property, std::move(detail));
}

std::string World::summary() const {
  std::string text = "at " + std::to_string(events_.now().count() / 1000) + " ms";
  for (const auto& replica : replicas_) {
    text += "\n  replica " + std::to_string(replica->id().value);
    if (!replica->up()) {
      text += " down";
      continue;
    }
    const smr::Host& host = replica->host();
    const chained::SafetyRecord& record = host.core().record();
    text += " view " + std::to_string(record.view.value) + " head " +
            std::to_string(host.core().tree().head()->height().value) + " executed " +
            std::to_string(host.executed().height.value) + " high_qc " +
            std::to_string(record.high_qc->view.value) + " tip " +
            std::to_string(record.tip.view.value) + " voted " +
            std::to_string(record.last_voted_view.value) + " timed_out " +
            std::to_string(record.last_timeout_view.value) + " timeouts " +
            std::to_string(host.core().counters().timeouts) + " mempool " +
            std::to_string(host.mempool().size()) +
            (host.core().passive() ? " passive"
             : host.core().busy()  ? " busy"
                                   : " idle") +
            (judge_.honest(replica->id()) ? "" : " byzantine");
  }
  for (const auto& client : clients_) {
    text += "\n  client acknowledged " + std::to_string(client->acknowledged());
  }
  return text;
}

}  // namespace waggle::sim
