#include "sim/rounds/sealed_servers.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::sim::rounds {

namespace {

/// As many as a sealer keeps.
constexpr median::Window kWindows = 4;

}  // namespace

using median::SealingEffect;
using median::SealingEffects;

SealedServers::SealedServers(const median::Parameters& parameters,
                             const median::CommandTable& table, const median::SealingGuards& guards,
                             const certificate::ChainGuards& chain_guards, const Hasher& hasher)
    : parameters_(parameters),
      table_(table),
      guards_(guards),
      hasher_(hasher),
      sequences_(table),
      merger_(table, {}) {
  median::FinalPrefix nothing;
  nothing.chains = certificate::ServerChains(chain_guards);
  const median::SealingRecord start{.final = std::make_shared<const median::FinalPrefix>(nothing)};
  for (std::uint32_t i = 0; i < parameters.n; ++i) {
    servers_.push_back({median::Sealer(setup_of(i), start),
                        median::SealedLog(parameters, table),
                        start,
                        0,
                        {},
                        {},
                        {}});
    servers_.back().told.reset(parameters.n);
    servers_.back().spread_at_start = servers_.back().sealer.spread();
  }
  executed_[Digest{}] = 0;
}

median::Sealer::Setup SealedServers::setup_of(std::uint32_t server) const {
  return {.self = ReplicaId{server},
          .n = parameters_.n,
          .hashing = {&table_, &hasher_},
          .guards = guards_};
}

median::Answer SealedServers::on_command(std::uint32_t server, median::Handle command) const {
  const Server& asked = servers_[server];
  const ClientId& client = table_.client_id(table_.client(table_.slot(command)));
  return median::answer(asked.log_at_start, asked.sealer.final().number(client), command, table_);
}

void SealedServers::step(std::uint32_t server, median::Round,
                         std::span<const std::uint32_t> repliers, median::LogView appended,
                         Rng& rng) {
  Server& self = servers_[server];
  logs_.clear();
  for (const std::uint32_t replier : repliers) logs_.push_back(servers_[replier].log_at_start);
  self.log.round(logs_, appended, merger_, rng);
  for (const std::uint32_t replier : repliers) {
    SealingEffects effects;
    self.sealer.on_spread(self.told.news(servers_[replier].spread_at_start), effects);
    perform(server, std::move(effects));
  }
}

void SealedServers::end_round(median::Round now) {
  const median::Round next = now + 1;
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    Server& self = servers_[i];
    self.log.fit(self.sealer.record().final, self.sealer.lock());
    if (next % parameters_.B == 0) {
      SealingEffects effects;
      const median::Sequence aged = self.log.aged_behind(self.sealer.lock(), next);
      self.sealer.boundary(next / parameters_.B, aged, effects);
      perform(i, std::move(effects));
      self.log.fit(self.sealer.record().final, self.sealer.lock());
    }
    self.log_at_start = self.log.log();
    self.spread_at_start = self.sealer.spread();
  }
}

void SealedServers::restart(std::uint32_t server) {
  Server& self = servers_[server];
  self.sealer = median::Sealer(setup_of(server), self.durable);
  self.told.reset(parameters_.n);
  self.log.clear();
  self.log.fit(self.sealer.record().final, self.sealer.lock());
  self.log_at_start = self.log.log();
  self.spread_at_start = self.sealer.spread();
}

/// Performs effects in order; what the server broadcasts comes back to it at once, and reaches
/// others with its next replies.
void SealedServers::perform(std::uint32_t server, SealingEffects effects) {
  Server& self = servers_[server];
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const SealingEffect effect = effects[i];
    if (const auto* persist = std::get_if<Persist<median::SealingRecord>>(&effect)) {
      self.durable = persist->record;
      self.told.record_changed();
    } else if (const auto* execute = std::get_if<median::Execute>(&effect)) {
      self.sequence = sequences_.append(self.sequence, execute->handle, execute->applies);
    } else if (const auto* adopted = std::get_if<median::FinalAdopted>(&effect)) {
      const auto known = executed_.find(adopted->final->chain);
      ENSURE(known != executed_.end(), "a final prefix that nobody executed");
      self.sequence = known->second;
    } else if (std::holds_alternative<median::FinalConflict>(effect)) {
      ++conflicts_;
    } else if (const auto* sent = std::get_if<Broadcast<median::SealingMessage>>(&effect)) {
      SealingEffects more;
      if (const auto* pre = std::get_if<median::PrePtr>(&sent->message)) {
        self.sealer.on_pre(*pre, more);
      } else {
        self.sealer.on_commit(std::get<median::Commit>(sent->message), more);
      }
      effects.insert(effects.end(), more.begin(), more.end());
    }
  }
  executed_.try_emplace(self.sealer.final().chain, self.sequence);
}

Footprint SealedServers::footprint(std::uint32_t server) const {
  const Server& self = servers_[server];
  const median::SealingRecord& record = self.sealer.record();
  return {.length = record.final->length,
          .log = self.log.log().size(),
          .lock = record.lock.entries().size(),
          .certificates = record.certificates.size(),
          .pres = self.spread_at_start.pres.size(),
          .clients = record.final->chains.clients()};
}

void SealedServers::Told::reset(std::uint32_t n) {
  n_ = n;
  pres_.assign(kWindows * n, UINT64_MAX);
  commits_.assign(kWindows * n, {});
  certificates_.clear();
}

std::size_t SealedServers::Told::place(median::Window window, ReplicaId server) const {
  return (window % kWindows) * n_ + server.value;
}

median::Spread SealedServers::Told::news(const median::Spread& spread) {
  median::Spread result{.final = spread.final};
  for (const median::PreCertificatePtr& certificate : spread.certificates) {
    const auto known = std::find(certificates_.begin(), certificates_.end(), certificate);
    if (known != certificates_.end()) continue;
    certificates_.push_back(certificate);
    result.certificates.push_back(certificate);
  }
  for (const median::PrePtr& pre : spread.pres) {
    median::Window& told = pres_[place(pre->window, pre->server)];
    if (told == pre->window) continue;
    told = pre->window;
    result.pres.push_back(pre);
  }
  for (const median::Commit& commit : spread.commits) {
    Longest& told = commits_[place(commit.window, commit.server)];
    if (told.window == commit.window && told.length >= commit.length) continue;
    told = {commit.window, commit.length};
    result.commits.push_back(commit);
  }
  return result;
}

}  // namespace waggle::sim::rounds
