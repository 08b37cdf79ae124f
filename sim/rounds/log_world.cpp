#include "sim/rounds/log_world.hpp"

#include <algorithm>

#include "sim/rounds/compact_servers.hpp"
#include "sim/rounds/recovery_servers.hpp"
#include "sim/rounds/sealed_servers.hpp"

namespace waggle::sim::rounds {
namespace {

constexpr std::uint32_t kTargeted = 0;  ///< The client that an adversary may target.

std::unique_ptr<LogServers> make_servers(const LogOptions& options,
                                         const median::CommandTable& table) {
  if (options.rule == LogRule::kRecovery) {
    return std::make_unique<RecoveryServers>(options.parameters, options.choices, table);
  }
  if (options.rule == LogRule::kSealed) {
    return std::make_unique<SealedServers>(options.parameters, table, options.guards);
  }
  return std::make_unique<CompactServers>(options.parameters, options.choices, table);
}

}  // namespace

LogWorld::LogWorld(const LogOptions& options, std::unique_ptr<Blocker> blocker)
    : options_(options),
      blocker_(std::move(blocker)),
      servers_(make_servers(options, table_)),
      clients_(table_),
      agreement_(servers_->history()),
      random_(options.seed),
      adversary_(random_.fork()),
      appended_(options.parameters.n),
      holds_(options.parameters.n, 1),
      answered_(options.parameters.n),
      logs_(options.parameters.n),
      committed_(options.parameters.n),
      checkpoint_(options.parameters.n),
      reached_(options.parameters.n) {}

void LogWorld::round() {
  block();
  for (const std::uint32_t server : blocking_.restarts) servers_->restart(server);
  serve_clients();
  std::fill(answered_.begin(), answered_.end(), 0);
  for (std::uint32_t i = 0; i < options_.parameters.n; ++i) step(i);
  for (const std::uint32_t server : touched_) appended_[server].clear();
  touched_.clear();
  servers_->end_round(round_);
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

void LogWorld::serve_clients() {
  std::fill(reached_.begin(), reached_.end(), 0);
  if (round_ < options_.load_until) clients_.submit(options_.load, round_);
  clients_.ask(round_, [this](const Clients::Pending& pending) {
    const std::uint32_t server = median::draw(random_, options_.parameters.n);
    if (blocking_.is_blocked(server)) return false;
    reach(pending, server);
    const median::Answer answer = servers_->on_command(server, pending.command);
    if (answer == median::Answer::kCommitted) {
      agreement_.on_acknowledged(round_, servers_->state(server));
      return true;
    }
    if (answer == median::Answer::kIgnore) return false;
    median::draw_append_targets(options_.parameters, random_, targets_);
    for (const std::uint32_t target : targets_) {
      if (blocking_.is_blocked(target) || !blocking_.hears(server, target)) continue;
      if (appended_[target].empty()) touched_.push_back(target);
      appended_[target].emplace_back(pending.command, round_);
      reach(pending, target);
    }
    return false;
  });
}

/// Notes what an adversary that targets a client sees of it.
void LogWorld::reach(const Clients::Pending& pending, std::uint32_t server) {
  if (pending.client == kTargeted) reached_[server] = 1;
}

void LogWorld::step(std::uint32_t server) {
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

void LogWorld::judge() {
  useful_ = 0;
  blocked_ = 0;
  committed_least_ = UINT64_MAX;
  committed_most_ = 0;
  for (std::uint32_t i = 0; i < options_.parameters.n; ++i) {
    const median::StateRef state = servers_->state(i);
    agreement_.on_state(i, round_, state);
    committed_[i] = servers_->history().length(state);
    committed_least_ = std::min(committed_least_, committed_[i]);
    committed_most_ = std::max(committed_most_, committed_[i]);
    entries_most_ = std::max(entries_most_, servers_->log(i).size());
    holds_[i] = servers_->holds(i) ? 1 : 0;
    checkpoint_[i] = servers_->checkpoint(i);
    if (blocking_.is_blocked(i)) ++blocked_;
    if (holds_[i] != 0 && !blocking_.is_blocked(i)) ++useful_;
  }
}

}  // namespace waggle::sim::rounds
