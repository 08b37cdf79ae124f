#include "smr/median/recovery.hpp"

#include <algorithm>

namespace waggle::median {

RecoveryServer RecoveryRule::initial() const {
  Checkpoint checkpoint;
  if (choices_.initial_prefix_empty) checkpoint.prefix.emplace();
  RecoveryServer server;
  server.checkpoint = std::make_shared<const Checkpoint>(std::move(checkpoint));
  return server;
}

void RecoveryRule::round(const RecoveryServer& before, std::span<RecoveryReply> replies,
                         LogView appended, Rng& rng, RecoveryServer& after) {
  after.state = before.state;
  after.checkpoint = before.checkpoint;
  with_log_.clear();
  for (const RecoveryReply& reply : replies) {
    if (reply.from->log) with_log_.push_back(reply);
  }
  const bool decided = replies.size() >= parameters_.l;
  // As printed, the merge comes first. The adoption comes before M is drawn for the vote, which
  // reorders: a tie goes by the order.
  if (!choices_.guards.merge_before_adoption && decided) adopt_newest(replies, after);
  merge_logs(with_log_, appended, rng, after.log);
  if (!decided) {
    after.rollback = Rollback::kUndecided;
    return;
  }
  if (choices_.guards.merge_before_adoption) adopt_newest(replies, after);
  after.rollback =
      vote(choices_.no_reset_among_all ? replies : draw_replies(parameters_, replies, rng));
}

/// Algorithm 3, over the replies that carry a log.
void RecoveryRule::merge_logs(std::span<RecoveryReply> with_log, LogView appended, Rng& rng,
                              std::optional<Log>& out) {
  if (with_log.size() < parameters_.l) {
    out.reset();
    return;
  }
  chosen_.clear();
  for (const RecoveryReply& reply : draw_replies(parameters_, with_log, rng)) {
    chosen_.push_back(*reply.from->log);
  }
  if (!out) out.emplace();
  merger_.merge(chosen_, appended, *out);
}

Rollback RecoveryRule::vote(std::span<const RecoveryReply> replies) const {
  const Rollback decisive = choices_.guards.no_reset_wins ? Rollback::kNoReset : Rollback::kReset;
  const Rollback other = choices_.guards.no_reset_wins ? Rollback::kReset : Rollback::kNoReset;
  const bool said = std::any_of(
      replies.begin(), replies.end(),
      [decisive](const RecoveryReply& reply) { return reply.from->rollback == decisive; });
  return said ? decisive : other;
}

/// Takes over the checkpoint of the largest window if it is newer than the server's own.
void RecoveryRule::adopt_newest(std::span<const RecoveryReply> replies,
                                RecoveryServer& server) const {
  const bool last_wins = choices_.largest_window == Choices::Any::kLast;
  const Checkpoint* newest = server.checkpoint.get();
  const RecoveryServer* holder = nullptr;
  for (const RecoveryReply& reply : replies) {
    const Checkpoint& seen = *reply.from->checkpoint;
    const bool ties = holder != nullptr && seen.window == newest->window && last_wins;
    if (seen.window <= newest->window && !ties) continue;
    newest = &seen;
    holder = reply.from;
  }
  if (holder == nullptr) return;
  server.checkpoint = holder->checkpoint;
  server.state = newest->state;
  server.log = newest->prefix;
}

void RecoveryRule::boundary(RecoveryServer& server, Round now) {
  if (server.rollback == Rollback::kReset) {
    server.state = server.checkpoint->state;
    server.log = server.checkpoint->prefix;
  }
  if (server.log) commit_prefix(server);
  if (!server.log) {
    server.rollback = Rollback::kReset;
    return;
  }
  const auto aged = static_cast<std::ptrdiff_t>(aged_prefix(*server.log, now, parameters_.T));
  Checkpoint next;
  next.state = server.state;
  next.prefix.emplace(server.log->begin(), server.log->begin() + aged);
  next.window = choices_.window_by_round ? now / parameters_.T : server.checkpoint->window + 1;
  server.checkpoint = std::make_shared<const Checkpoint>(std::move(next));
  server.rollback = Rollback::kNoReset;
}

/// Commits P of the checkpoint and removes it from the log. Where P is no prefix of the log, which
/// the paper assumes it to be, goes on as printed: commits all of P and removes what there is of
/// it; or, repaired, executes nothing and goes to undecided.
void RecoveryRule::commit_prefix(RecoveryServer& server) {
  if (!server.checkpoint->prefix) return;
  const Log& prefix = *server.checkpoint->prefix;
  Log& log = *server.log;
  if (common_prefix(prefix, log) < prefix.size()) {
    findings_.note(Finding::kPrefixNotInLog);
    if (choices_.skip_boundary) {
      server.log.reset();
      return;
    }
  }
  for (const Entry entry : prefix) {
    server.state = history_.commit(server.state, entry.handle(), findings_);
  }
  const auto committed = [&prefix](Entry entry) {
    return position_of(prefix, entry.handle()) < prefix.size();
  };
  log.erase(std::remove_if(log.begin(), log.end(), committed), log.end());
}

}  // namespace waggle::median
