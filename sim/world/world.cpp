#include "sim/world/world.hpp"

#include <cstdlib>
#include <iostream>

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

ChainConfig World::make_chain(const WorldOptions& options, KeyRing& keys) {
  ChainConfig chain;
  chain.chain_id = SymbolicHasher().hash({as_bytes("a world's chain")});
  for (std::uint32_t id = 0; id < options.n; ++id) {
    chain.replica_keys.push_back(keys.make_key(id));
  }
  chain.leaders = std::make_shared<RoundRobin>(options.n);
  chain.depth_max = std::max(options.depth_max, default_depth_max(options.core, chain.f()));
  return chain;
}

World::World(const WorldOptions& options)
    : options_(options),
      rng_(options.seed * 0x9e3779b97f4a7c15 + options.n),
      chain_(make_chain(options, keys_)),
      rules_(make_rules(options.core, options.guards)),
      genesis_(make_genesis(chain_, hasher_)->id),
      network_(events_, rng_.fork()),
      checker_(options.n),
      verbose_(std::getenv("WAGGLE_TRACE") != nullptr) {
  network_.quality = options.link;
  for (std::uint32_t id = 0; id < options.n; ++id) {
    signers_.emplace_back(keys_, id);
    replicas_.push_back(std::make_unique<Replica>(*this, ReplicaId{id}));
  }
}

void World::start() {
  for (const auto& replica : replicas_) replica->start();
  for (std::uint32_t a = 0; a < n(); ++a) {
    for (std::uint32_t b = a + 1; b < n(); ++b) connect(ReplicaId{a}, ReplicaId{b});
  }
  for (const auto& client : clients_) client->start();
}

Client& World::add_client(const ClientPlan& plan) {
  const std::uint64_t index = clients_.size();
  const SymbolicSigner signer(keys_, 1000 + index);
  clients_.push_back(std::make_unique<Client>(*this, index, signer, plan));
  return *clients_.back();
}

void World::make_byzantine(ReplicaId id, Fault fault) {
  checker_.excuse(id);
  replica(id).byzantine.emplace(
      Strategy::Setup{fault, id, chain_, hasher_, signer(id), rng_.fork()});
}

void World::run_for(Duration span) {
  run_until([] { return false; }, span);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Duration end = events_.now() + limit;
  while (!violation()) {
    if (done()) return true;
    if (events_.empty() || events_.next_at() > end) {
      events_.advance_to(end);
      return false;
    }
    events_.run_next();
  }
  return false;
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

void World::crash(ReplicaId id) {
  if (!replica(id).up()) return;
  replica(id).crash();
  for (std::uint32_t other = 0; other < n(); ++other) replica(ReplicaId{other}).disconnected(id);
}

void World::restart(ReplicaId id) {
  if (replica(id).up() || replica(id).stopped()) return;
  replica(id).start();
  for (std::uint32_t other = 0; other < n(); ++other) {
    if (ReplicaId{other} != id) connect(id, ReplicaId{other});
  }
}

void World::lose_disk(ReplicaId id) {
  crash(id);
  replica(id).lose_disk();
}

void World::cut(ReplicaId from, ReplicaId to) {
  note("cut", from.value, to.value);
  network_.cut(from, to);
}

void World::heal_cuts() {
  note("heal");
  for (const auto& [a, b] : network_.heal()) connect(a, b);
}

void World::heal() {
  const std::uint32_t slow_factor = network_.quality.slow_factor;
  network_.quality.lost_permille = 0;
  network_.quality.slow_permille = 0;
  network_.quality.slow_factor = slow_factor;
  heal_cuts();
  for (const auto& replica : replicas_) {
    replica->crash_plan = {};
    restart(replica->id());
  }
}

bool World::clients_done() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->done(); });
}

void World::expect_progress_then_silence(Duration bound) {
  if (!run_until([this] { return clients_done(); }, bound) && !violation()) {
    checker_.fail("liveness: commands are not committed; " + summary());
  }
  expect_silence();
}

void World::expect_silence() {
  // Everybody learns of the last commit, and executes it.
  const auto settled = [this] {
    for (const auto& replica : replicas_) {
      if (!checker_.honest(replica->id()) || replica->stopped()) continue;
      if (!replica->up() || replica->host().executed().height != checker_.highest()) return false;
      if (replica->host().core().busy()) return false;
    }
    return true;
  };
  if (!run_until(settled, std::chrono::seconds(20)) && !violation()) {
    checker_.fail("liveness: replicas do not settle; " + summary());
  }
  run_for(std::chrono::seconds(1));
  const std::uint64_t before = checker_.news();
  run_for(std::chrono::seconds(4));
  if (checker_.news() != before) {
    checker_.fail("4.9: no silence on an idle chain; " + summary());
  }
  check_states();
}

void World::check_states() {
  for (const auto& replica : replicas_) {
    if (!replica->up() || !checker_.honest(replica->id())) continue;
    if (replica->host().executed().height != checker_.highest()) {
      checker_.fail("liveness: replica " + std::to_string(replica->id().value) + " lags; " +
                    summary());
    }
    checker_.check_state(replica->id(), replica->storage());
    note("final", replica->id().value, replica->host().core().state_digest().bytes[0]);
  }
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
            (host.core().passive() ? " passive" : host.core().busy() ? " busy" : " idle") +
            (checker_.honest(replica->id()) ? "" : " byzantine");
    if (!verbose_) continue;
    text += "\n    tip " + short_hex(record.tip.block) + " high_qc " +
            short_hex(record.high_qc->block);
    for (const auto& [id, node] : host.core().tree().nodes()) {
      text += "\n    block " + short_hex(id) + " view " + std::to_string(node->view().value) +
              " height " + std::to_string(node->height().value) + " on " +
              short_hex(node->block->parent()) + " qc " +
              std::to_string(node->block->qc->view.value) +
              (node->certified() ? " certified" : "") +
              (node->connected() ? "" : " unconnected") + (node->valid() ? "" : " invalid");
    }
  }
  for (const auto& client : clients_) {
    text += "\n  client acknowledged " + std::to_string(client->acknowledged());
  }
  return text;
}

void World::note(std::string_view what, std::uint64_t a, std::uint64_t b) {
  const auto now = static_cast<std::uint64_t>(events_.now().count());
  for (const char c : what) trace_ = (trace_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  for (const std::uint64_t word : {now, a, b}) {
    trace_ = (trace_ ^ word) * 0x9e3779b97f4a7c15;
    trace_ ^= trace_ >> 32;
  }
  if (verbose_) std::cerr << now << ' ' << what << ' ' << a << ' ' << b << '\n';
}

}  // namespace waggle::sim
