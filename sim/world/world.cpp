#include "sim/world/world.hpp"

#include <algorithm>

#include "sim/checker/liveness.hpp"
#include "sim/checker/proof_soundness.hpp"
#include "sim/checker/sealed_integrity.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::sim {

chained::PacemakerConfig default_pacemaker() {
  chained::PacemakerConfig config;
  config.view_timeout = std::chrono::milliseconds(100);
  config.grace = std::chrono::milliseconds(40);
  config.unreachable_timeout = std::chrono::milliseconds(20);
  config.timeout_max = std::chrono::seconds(2);
  config.heartbeat = std::chrono::milliseconds(300);
  config.fetch_retry = std::chrono::milliseconds(60);
  config.rejoin_retry = std::chrono::milliseconds(200);
  return config;
}

median::Parameters parameters_of(const WorldOptions& options) {
  const MedianOptions& wanted = options.median;
  median::Parameters parameters = median::recommended(options.n).parameters;
  if (wanted.window > 0) parameters.B = wanted.window;
  if (wanted.age > 0) parameters.T = wanted.age;
  if (wanted.requests > 0) parameters.k = wanted.requests;
  if (wanted.replies > 0) parameters.l = wanted.replies;
  return parameters;
}

Duration round_of(const WorldOptions& options) {
  if (options.median.round > Duration{0}) return options.median.round;
  return std::chrono::milliseconds(median::recommended(options.n).round_ms);
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
  if (runs_median()) return chain;  // without leaders
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
      genesis_(runs_median() ? Digest{} : make_genesis(chain_, hasher())->id),
      network_(addresses(), options.network, events_, trace_, rng_.fork()),
      judge_(runs_median() ? Judge::Of::kEntries : Judge::Of::kBlocks, options.n, chain_.f(),
             tips_follow_votes(options.core)) {
  if (runs_median()) {
    set_up_median();
  } else {
    ENSURE(rules_ != nullptr, "a core of core_names()");
  }
  if (options.core == "pbeegees") judge_.demand<ProofSoundness>(&hasher());
  for (const std::uint32_t twin : options.twins) judge_.excuse(ReplicaId{twin});
  for (std::uint32_t at = 0; at < addresses(); ++at) {
    replicas_.push_back(make_replica(*this, Address{at}));
  }
}

void World::set_up_median() {
  median_ = parameters_of(options_);
  round_ = round_of(options_);
  ENSURE(median::check(median_), "parameters of the median rule");
  judge_.demand<SealedIntegrity>(&hasher());
  seals_ = &judge_.demand<SealSoundness>(&hasher());
}

void World::start() {
  for (const auto& replica : replicas_) {
    const Duration skew = rng_.between(Duration{0}, options_.clock.skew_max);
    events_.after(skew, [&started = *replica] { started.start(); });
  }
  for (std::uint32_t a = 0; a < addresses(); ++a) {
    for (std::uint32_t b = a + 1; b < addresses(); ++b) connect(Address{a}, Address{b});
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

Adversary& World::corrupt(Address at, const AdversaryKind& kind, const Parameters& parameters,
                          const Plan* plan) {
  static const Plan kNoPlan;
  const ReplicaId id = identity(at);
  judge_.excuse(id);
  if (plan == nullptr) plan = &kNoPlan;
  auto made = kind.make({id, chain_, hasher(), signer(id), options_.pacemaker, rng_.fork(), plan},
                        parameters);
  Adversary& adversary = *made;
  chained(at).add_adversary(std::move(made));
  return adversary;
}

Adversary& World::corrupt(Address at, std::string_view strategy) {
  const AdversaryKind* kind = find_adversary(strategy);
  ENSURE(kind != nullptr, "no such strategy");
  return corrupt(at, *kind, defaults_of(*kind));
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

void World::connect(Address a, Address b) {
  if (identity(a) == identity(b)) return;
  const Duration delay = rng_.between(Duration{500}, Duration{20'000});
  events_.after(delay, [this, a, b] {
    if (!replica(a).up() || !replica(b).up()) return;
    if (network_.is_cut(a, b) || network_.is_cut(b, a)) return;
    replica(a).connected(identity(b));
    replica(b).connected(identity(a));
  });
}

void World::crash(Address at, Crash how) {
  if (!replica(at).up()) return;
  replica(at).crash(how);
  for (const auto& other : replicas_) other->disconnected(identity(at));
}

void World::restart(Address at) {
  if (replica(at).up() || replica(at).stopped()) return;
  if (away_.contains(at) || kept_down_.contains(at)) return;
  replica(at).start();
  for (const auto& other : replicas_) connect(at, other->address());
}

void World::release(Address at) {
  const auto kept = kept_down_.find(at);
  if (kept != kept_down_.end() && --kept->second == 0) kept_down_.erase(kept);
  restart(at);
}

void World::lose_disk(Address at) {
  crash(at);
  replica(at).lose_disk();
}

void World::rot(Address at) {
  const bool rotten = replica(at).disk().rot();
  note({.kind = EventKind::kDisk, .replica = at.value, .name = rotten ? "rot" : "nothing to rot"});
}

void World::uncut(Address from, Address to) {
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
    restart(replica->address());
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
    return replica->up() && replica->executed().height == judge_.highest() && replica->at_rest();
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

void World::expect_silence(Duration bound) {
  expect_settled(bound);
  for (const auto& replica : replicas_) replica->remove_adversaries();
  // What is under way, a timeout that is repeated or a heartbeat may still wake somebody.
  for (int windows = 3; windows > 0 && fine(); --windows) {
    const std::uint64_t before = judge_.news();
    run_for(patience() * 20);
    if (judge_.news() == before && settled()) return;
  }
  if (fine()) {
    fail("silence", "replicas of an idle chain go on (4.9); " + summary());
  }
}

void World::check_states() {
  for (const auto& replica : replicas_) {
    if (!replica->up() || !counts(*replica)) continue;
    if (replica->executed().height != judge_.highest()) {
      fail(Liveness::kName, told(replica->id()) + " lags; " + summary());
    }
    judge_.on_final_state(replica->id(), replica->disk());
  }
  check_last_proofs();
}

void World::on_commit(ReplicaId id, const smr::ExecutionJob& job) {
  judge_.on_commit(id, job);
  if (judge_.honest(id)) {
    metrics_.on_commit(*job.block, replica(id).view(), events_.now());
  }
}

void World::on_submitted(const ClientId& client, std::uint64_t number,
                         const app::KvCommand& command) {
  judge_.on_submitted(client, number, command);
  if (runs_median()) metrics_.on_submitted(client, number, events_.now());
}

void World::on_acknowledged(const ClientId& client, std::uint64_t number,
                            const smr::Committed& where, const app::KvResult& result) {
  judge_.on_acknowledged(client, number, where, result);
  if (runs_median()) metrics_.on_acknowledged(client, number, events_.now(), round_);
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
    if (Address{replica->id()} != replica->address()) {
      text += " at address " + std::to_string(replica->address().value);
    }
    if (!replica->up()) {
      text += " down";
      continue;
    }
    text += " " + replica->told_state() + (judge_.honest(replica->id()) ? "" : " byzantine");
  }
  for (const auto& client : clients_) {
    text += "\n  client acknowledged " + std::to_string(client->acknowledged());
  }
  return text;
}

}  // namespace waggle::sim
