#include "sim/rounds/log_world.hpp"

#include <algorithm>

#include "sim/rounds/compact_servers.hpp"
#include "sim/rounds/extended_servers.hpp"
#include "sim/rounds/recovery_servers.hpp"
#include "sim/rounds/sealed_servers.hpp"

namespace waggle::sim::rounds {
namespace {

constexpr std::uint32_t kTargeted = 0;  ///< The client that an adversary may target.

std::unique_ptr<LogServers> make_servers(const LogOptions& options,
                                         const median::CommandTable& table, const Hasher& hasher) {
  if (options.rule == LogRule::kRecovery) {
    return std::make_unique<RecoveryServers>(options.parameters, options.choices, table);
  }
  if (options.rule == LogRule::kSealed) {
    return std::make_unique<SealedServers>(options.parameters, table, options.guards,
                                           options.chain_guards, hasher);
  }
  if (options.rule == LogRule::kExtended) {
    return std::make_unique<ExtendedServers>(options.parameters, options.choices, options.keep_logs,
                                             table);
  }
  return std::make_unique<CompactServers>(options.parameters, options.choices, table);
}

}  // namespace

LogWorld::LogWorld(const LogOptions& options, std::unique_ptr<Blocker> blocker)
    : options_(options),
      blocker_(std::move(blocker)),
      servers_(make_servers(options, table_, hasher_)),
      clients_(table_, hasher_, options.doubling),
      agreement_(servers_->lineage()),
      liveness_(options.calm, options.bound),
      random_(options.seed),
      adversary_(random_.fork()),
      appended_(options.parameters.n),
      holds_(options.parameters.n, 1),
      answered_(options.parameters.n),
      logs_(options.parameters.n),
      committed_(options.parameters.n),
      checkpoint_(options.parameters.n),
      reached_(options.parameters.n) {
  if (servers_->proposals() != nullptr) {
    seals_ = std::make_unique<SealChecker>(*servers_->proposals(), options.parameters.n);
    servers_->watch(*seals_);
  }
  if (options.rule == LogRule::kSealed && options.audit) {
    audit_ = std::make_unique<Audit>(*servers_, hasher_, options.parameters.n, options.seed);
  }
}

void LogWorld::round() {
  block();
  for (const std::uint32_t server : blocking_.restarts) servers_->restart(server);
  for (const std::uint32_t server : blocking_.losses) servers_->lose(server, round_);
  restarts_ += blocking_.restarts.size() + blocking_.losses.size();
  submit();
  serve_clients();
  std::fill(answered_.begin(), answered_.end(), 0);
  for (std::uint32_t i = 0; i < options_.parameters.n; ++i) step(i);
  for (const std::uint32_t server : touched_) appended_[server].clear();
  touched_.clear();
  servers_->end_round(round_);
  look();
  judge();
  ++round_;
}

void LogWorld::block() {
  blocking_.clear(options_.parameters.n);
  for (std::uint32_t i = 0; i < options_.parameters.n; ++i) logs_[i] = servers_->log(i);
  blocker_->block({.round = round_,
                   .n = options_.parameters.n,
                   .holds = holds_,
                   .answered = answered_,
                   .logs = logs_,
                   .committed = committed_,
                   .checkpoint = checkpoint_,
                   .target = clients_.in_flight(kTargeted),
                   .reached = reached_},
                  adversary_, blocking_);
}

void LogWorld::submit() {
  if (round_ >= options_.load_until) return;
  const std::size_t before = clients_.pending();
  const auto in_flight = static_cast<std::uint32_t>(before);
  clients_.submit(options_.in_flight > 0 ? options_.in_flight - in_flight : options_.load, round_);
  for (std::size_t i = before; i < clients_.pending(); ++i) {
    const Clients::Pending& pending = clients_.pending_commands()[i];
    for (const auto& command : {std::optional(pending.command), pending.other}) {
      if (!command) continue;
      const CommittedEntry entry = committed_entry(*command, false, table_);
      executions_.on_submitted(entry.client, entry.number, entry.command);
    }
  }
}

void LogWorld::serve_clients() {
  std::fill(reached_.begin(), reached_.end(), 0);
  clients_.ask(round_, [this](const Clients::Pending& pending) {
    return ask(pending, pending.command) || (pending.other && ask(pending, *pending.other));
  });
}

/// Whether the client is told that the command is committed.
bool LogWorld::ask(const Clients::Pending& pending, median::Handle command) {
  const std::uint32_t server = median::draw(random_, options_.parameters.n);
  if (blocking_.is_blocked(server)) return false;
  reach(pending, server);
  const median::Answer answer = servers_->on_command(server, command);
  if (answer == median::Answer::kCommitted) {
    tell(pending, server);
    return true;
  }
  if (answer == median::Answer::kIgnore) return false;
  median::draw_append_targets(options_.parameters, random_, targets_);
  for (const std::uint32_t target : targets_) {
    if (blocking_.is_blocked(target) || !blocking_.hears(server, target)) continue;
    if (appended_[target].empty()) touched_.push_back(target);
    appended_[target].emplace_back(command, round_);
    reach(pending, target);
  }
  return false;
}

/// Notes what an adversary that targets a client sees of it.
void LogWorld::reach(const Clients::Pending& pending, std::uint32_t server) {
  if (pending.client == kTargeted) reached_[server] = 1;
}

void LogWorld::tell(const Clients::Pending& pending, std::uint32_t server) {
  const std::uint32_t told_by = servers_->sequence(server);
  agreement_.on_acknowledged(round_, told_by);
  if (!agreement_.holds()) return;
  follow_line();
  const CommittedEntry entry = committed_entry(pending.command, true, table_);
  executions_.on_acknowledged(round_, entry.client, entry.number,
                              servers_->lineage().length(told_by));
  // Who submits two commands under one number cannot know which of them it is told of.
  if (audit_ && !pending.other) {
    audit_->on_acknowledged(round_, pending.client, pending.number, server);
  }
}

void LogWorld::step(std::uint32_t server) {
  if (blocking_.asleep[server] != 0) return servers_->sleep(server, round_, random_);
  repliers_.clear();
  if (!blocking_.is_blocked(server)) {
    median::draw_targets(options_.parameters, random_, targets_);
    for (const std::uint32_t target : targets_) {
      if (!servers_->answers(target) || blocking_.is_blocked(target)) continue;
      if (!blocking_.hears(server, target)) continue;
      ++answered_[target];
      repliers_.push_back(target);
    }
  }
  servers_->step(server, round_, repliers_, appended_[server], random_);
}

void LogWorld::look() {
  useful_ = 0;
  blocked_ = 0;
  committed_least_ = UINT64_MAX;
  committed_most_ = 0;
  for (std::uint32_t i = 0; i < options_.parameters.n; ++i) {
    const std::uint32_t sequence = servers_->sequence(i);
    agreement_.on_state(i, round_, sequence);
    committed_[i] = servers_->lineage().length(sequence);
    committed_least_ = std::min(committed_least_, committed_[i]);
    committed_most_ = std::max(committed_most_, committed_[i]);
    entries_most_ = std::max(entries_most_, servers_->log(i).size());
    holds_[i] = servers_->holds(i) ? 1 : 0;
    checkpoint_[i] = servers_->checkpoint(i);
    if (blocking_.is_blocked(i)) ++blocked_;
    if (holds_[i] != 0 && !blocking_.is_blocked(i)) ++useful_;
  }
}

void LogWorld::judge() {
  follow_line();
  if (seals_) seals_->after_round(round_);
  if (!clients_.pending_commands().empty()) {
    liveness_.on_pending(round_, clients_.pending_commands().front().submitted);
  }
  if (audit_ && agreement_.holds()) {
    audit_->after_round(round_, clients_.submitted(), executions_);
  }
}

/// Hands what the agreed sequence grew by to the checkers that judge it.
void LogWorld::follow_line() {
  for (; line_judged_ < agreement_.length(); ++line_judged_) {
    const CommittedEntry entry = servers_->lineage().last(agreement_.line()[line_judged_]);
    const bool executes = executions_.on_entry(round_, entry);
    if (!audit_) continue;
    std::optional<Digest> leaf;
    if (executes) leaf = table_.digest(median::Handle{entry.command});
    audit_->on_entry(leaf);
  }
}

std::optional<Complaint> LogWorld::complaint() const {
  std::vector<const Checker*> checkers{&agreement_, &executions_, &liveness_};
  if (seals_) checkers.push_back(seals_.get());
  if (audit_) checkers.insert(checkers.end(), {&audit_->certificates(), &audit_->memory()});
  std::optional<Complaint> first;
  for (const Checker* checker : checkers) {
    const auto& found = checker->complaint();
    if (found && (!first || found->round < first->round)) first = found;
  }
  if (!first && servers_->conflicts() > 0) {
    first = Complaint{"conflict", round_, "a pre-certificate leaves a final prefix"};
  }
  return first;
}

}  // namespace waggle::sim::rounds
