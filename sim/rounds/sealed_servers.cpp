#include "sim/rounds/sealed_servers.hpp"

#include <algorithm>
#include <utility>

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
      chain_guards_(chain_guards),
      hasher_(hasher),
      sequences_(table),
      proposals_(table),
      merger_(table, {}) {
  for (std::uint32_t i = 0; i < parameters.n; ++i) {
    servers_.push_back({median::Sealer(setup_of(i), no_record()),
                        median::SealedLog(parameters, table),
                        no_record(),
                        {},
                        0,
                        false,
                        {},
                        {},
                        {}});
    begin(servers_.back(), median::Sealer(setup_of(i), no_record()));
  }
  sealed_[Digest{}] = {};
}

median::SealingRecord SealedServers::no_record() const {
  median::FinalPrefix nothing;
  nothing.chains = certificate::ServerChains(chain_guards_);
  return {.final = std::make_shared<const median::FinalPrefix>(std::move(nothing))};
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
    self.sealer.heard(ReplicaId{replier}, servers_[replier].last_pre_at_start);
    perform(server, std::move(effects));
  }
}

void SealedServers::sleep(std::uint32_t server, median::Round, Rng&) {
  servers_[server].asleep = true;
}

void SealedServers::end_round(median::Round now) {
  const median::Round next = now + 1;
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    Server& self = servers_[i];
    if (std::exchange(self.asleep, false)) continue;
    self.log.fit(self.sealer.record().final, self.sealer.lock());
    if (may_sign(self, next / parameters_.B)) {
      SealingEffects effects;
      const median::Sequence aged = self.log.aged_behind(self.sealer.lock(), next);
      self.sealer.boundary(next / parameters_.B, aged, effects);
      perform(i, std::move(effects));
      self.log.fit(self.sealer.record().final, self.sealer.lock());
    }
    remember(self);
    if (watcher_ != nullptr) watcher_->on_final(now, self.sealed.proposal);
  }
}

/// 8.2: as a window begins, or when a server that slept then wakes.
bool SealedServers::may_sign(const Server& self, median::Window window) const {
  const median::PrePtr& last = self.sealer.record().last_pre;
  return !last || last->window < window || !guards_.one_pre_per_window;
}

/// What it answers with in the next round.
void SealedServers::remember(Server& self) {
  const median::SealingRecord& record = self.sealer.record();
  self.last_pre_at_start = record.last_pre && !record.rejoin ? record.last_pre->window : 0;
  self.log_at_start = self.log.log();
  self.spread_at_start = self.sealer.spread();
}

void SealedServers::restart(std::uint32_t server) {
  begin(servers_[server], median::Sealer(setup_of(server), servers_[server].durable));
}

void SealedServers::lose(std::uint32_t server, median::Round now) {
  Server& self = servers_[server];
  self.sealed = {};
  begin(self, median::Sealer(setup_of(server), no_record()));
  SealingEffects effects;
  // It takes the next window for the last one in which it may have signed anything.
  self.sealer.rejoin(now / parameters_.B + 1, effects);
  perform(server, std::move(effects));
}

/// Logs are not durable.
void SealedServers::begin(Server& self, median::Sealer sealer) {
  self.sealer = std::move(sealer);
  self.told.reset(parameters_.n, guards_.one_pre_per_window);
  self.log.clear();
  self.log.fit(self.sealer.record().final, self.sealer.lock());
  remember(self);
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
      self.sealed.sequence =
          sequences_.append(self.sealed.sequence, execute->handle, execute->applies);
      self.sealed.proposal = proposals_.append(self.sealed.proposal, execute->handle, false);
    } else if (const auto* adopted = std::get_if<median::FinalAdopted>(&effect)) {
      const auto known = sealed_.find(adopted->final->chain);
      ENSURE(known != sealed_.end(), "a final prefix that nobody executed");
      self.sealed = known->second;
    } else if (std::holds_alternative<median::FinalConflict>(effect)) {
      ++conflicts_;
    } else if (const auto* sent = std::get_if<Broadcast<median::SealingMessage>>(&effect)) {
      witness(server, sent->message);
      SealingEffects more;
      if (const auto* pre = std::get_if<median::PrePtr>(&sent->message)) {
        self.sealer.on_pre(*pre, more);
      } else {
        self.sealer.on_commit(std::get<median::Commit>(sent->message), more);
      }
      effects.insert(effects.end(), more.begin(), more.end());
    }
  }
  sealed_.try_emplace(self.sealer.final().chain, self.sealed);
}

/// Tells the checker what was signed. What is durable stands in front of it.
void SealedServers::witness(std::uint32_t server, const median::SealingMessage& message) {
  if (watcher_ == nullptr) return;
  if (const auto* commit = std::get_if<median::Commit>(&message)) {
    watcher_->on_commit(commit->window, server, commit->length);
    return;
  }
  const median::Pre& pre = *std::get<median::PrePtr>(message);
  std::uint32_t node = sealed_.at(pre.chains.front()).proposal;
  for (const median::Handle entry : pre.entries) node = proposals_.append(node, entry, false);
  watcher_->on_pre(pre.window, node);
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

void SealedServers::Told::reset(std::uint32_t n, bool one_pre_per_window) {
  n_ = n;
  one_pre_per_window_ = one_pre_per_window;
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
    if (told == pre->window && one_pre_per_window_) continue;
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
