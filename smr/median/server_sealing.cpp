#include "smr/median/server.hpp"
#include "smr/median/translation.hpp"

namespace waggle::median {
namespace {

/// All rows of a record; contents and sealed entries are not part of it.
Rows rows_of(const SealingRecord& record, const CommandTable& table) {
  Rows rows;
  rows.push_back({final_key(), encode_final(*record.final)});
  rows.push_back({lock_key(), encode_lock(record.lock, table)});
  if (record.last_pre) rows.push_back({pre_key(), encode_pre(*record.last_pre, table)});
  rows.push_back({commits_key(), encode_commits(record.commits)});
  if (record.rejoin) rows.push_back({rejoin_key(), encode_rejoin(*record.rejoin)});
  for (const auto& [window, certificate] : record.certificates) {
    rows.push_back({certificate_key(window), encode_certificate(*certificate, table)});
  }
  return rows;
}

}  // namespace

/// The sealer's effects in their order, in names that everybody knows.
void Server::pass_on(SealingEffects effects, Effects& out) {
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const std::span<const SealingEffect> behind = std::span(effects).subspan(i + 1);
    if (const auto* persist = std::get_if<Persist<SealingRecord>>(&effects[i])) {
      out.push_back(Persist<Rows>{changes(persist->record, behind)});
    } else if (const auto* sent = std::get_if<Broadcast<SealingMessage>>(&effects[i])) {
      if (const auto* pre = std::get_if<PrePtr>(&sent->message)) {
        send_pre(**pre, out);
      } else {
        send_commit(std::get<Commit>(sent->message), out);
      }
    } else if (const auto* executed = std::get_if<Execute>(&effects[i])) {
      const SealedEntry& entry = sealed_[executed->position - sealed_.front().position];
      if (executed->position == run_begins_) out.push_back(SealedRun{{}, durable_.final});
      std::get<SealedRun>(out.back())
          .entries.push_back({entry.position, entry.entry, entry.request, entry.applies});
    } else if (const auto* conflict = std::get_if<FinalConflict>(&effects[i])) {
      ++counters_.conflicts;
      out.push_back(*conflict);
    }
  }
}

/// To everybody where everybody is asked, without its entries: they mostly have the same. In larger
/// networks replies spread it (8.6).
void Server::send_pre(const Pre& pre, Effects& out) {
  if (!setup_.parameters.asks_everyone()) {
    out.push_back(Send<Message>{setup_.self, to_signed(pre, parts_->table)});
    return;
  }
  const std::uint64_t length = pre.base + pre.entries.size();
  out.push_back(Broadcast<Message>{PreHead{
      pre.server, pre.window, pre.base, pre.chains.front(), length, pre.chains.back(), {}}});
}

void Server::send_commit(const Commit& commit, Effects& out) {
  if (setup_.parameters.asks_everyone()) {
    out.push_back(Broadcast<Message>{commit});
  } else {
    out.push_back(Send<Message>{setup_.self, commit});
  }
}

/// The rows in which a record differs from what is durable. `behind` are the effects that follow:
/// they say what was sealed.
Rows Server::changes(const SealingRecord& record, std::span<const SealingEffect> behind) {
  const CommandTable& table = parts_->table;
  Rows rows;
  if (record.final != durable_.final) {
    seal_rows(*record.final, behind, rows);
  }
  if (record.lock != durable_.lock) {
    rows.push_back({lock_key(), encode_lock(record.lock, table)});
    for (const LockEntry& entry : record.lock.entries()) {
      if (entry.handle.is_null()) continue;
      const Digest& leaf = table.digest(entry.handle);
      const SharedBytes request = contents_.find(leaf);
      if (request && content_rows_.insert(leaf).second)
        rows.push_back({content_key(leaf), *request});
    }
  }
  if (record.last_pre != durable_.last_pre) {
    rows.push_back({pre_key(), encode_pre(*record.last_pre, table)});
  }
  if (record.commits != durable_.commits) {
    rows.push_back({commits_key(), encode_commits(record.commits)});
  }
  if (record.rejoin != durable_.rejoin) {
    rows.push_back({rejoin_key(), {}});
    if (record.rejoin) rows.back().value = encode_rejoin(*record.rejoin);
  }
  for (const auto& [window, certificate] : record.certificates) {
    const auto held = durable_.certificates.find(window);
    if (held != durable_.certificates.end() && held->second == certificate) continue;
    rows.push_back({certificate_key(window), encode_certificate(*certificate, table)});
  }
  for (const auto& [window, certificate] : durable_.certificates) {
    if (!record.certificates.contains(window)) rows.push_back({certificate_key(window), {}});
  }
  durable_ = record;
  return rows;
}

/// What the final prefix took from the lock stays, as sealed entries, until it is old; one that was
/// adopted has none.
void Server::seal_rows(const FinalPrefix& final, std::span<const SealingEffect> behind,
                       Rows& rows) {
  std::vector<const Execute*> executed;
  for (const SealingEffect& effect : behind) {
    const auto* one = std::get_if<Execute>(&effect);
    if (!one) break;
    executed.push_back(one);
  }
  run_begins_ = executed.empty() ? final.length : executed.front()->position;
  std::size_t kept = kSealedKept;
  const bool adopted = executed.empty();
  if (adopted) kept = 0;
  const bool never = final_written_ == 0;
  if (adopted || never || final.length - final_written_ >= setup_.final_step) {
    rows.push_back({final_key(), encode_final(final)});
    final_written_ = final.length;
  }
  rows.push_back({seal_key(), encode_seal(*final.seal)});
  for (const Execute* one : executed) keep_sealed(*one, rows);
  while (sealed_.size() > kept) {
    rows.push_back({sealed_key(sealed_.front().position), {}});
    sealed_.pop_front();
  }
  seals_[final.length] = final.seal;
  const std::uint64_t first = sealed_.empty() ? final.length : sealed_.front().position;
  seals_.erase(seals_.begin(), seals_.upper_bound(first));
  counters_.sealed += executed.size();
  contents_.prune(final, [&](const Digest& leaf) {
    if (content_rows_.erase(leaf) > 0) rows.push_back({content_key(leaf), {}});
  });
}

void Server::keep_sealed(const Execute& executed, Rows& rows) {
  SealedEntry entry{.position = executed.position,
                    .entry = name_of(executed.handle, parts_->table),
                    .applies = executed.applies};
  if (entry.entry.digest) entry.request = contents_.find(*entry.entry.digest);
  rows.push_back({sealed_key(entry.position), encode_sealed(entry)});
  sealed_.push_back(std::move(entry));
}

/// After whatever happened: what came of it is filed, what is final is forgotten, and the log fits.
void Server::settle(Effects& out) {
  FinalPtr seen = fitted_;
  while (std::exchange(found_wanted_, false) || (seen && seen != final())) {
    seen = final();
    SealingEffects effects;
    sealer().retry(effects);
    pass_on(std::move(effects), out);
  }
  if (fitted_ == final() && fitted_lock_ == sealer().lock()) return;
  if (fitted_ != final()) {
    std::erase_if(pending_, [this](const auto& entry) {
      return entry.second.command.number <= final_number(entry.second.command);
    });
    std::erase_if(wanted_, [this](const auto& entry) {
      return entry.second.number <= final()->number(entry.second.client);
    });
  }
  fitted_ = final();
  fitted_lock_ = sealer().lock();
  parts_->log->fit(fitted_, fitted_lock_);
}

/// A table never forgets, so now and then the server begins anew with what it would have after a
/// restart, and its log. Between two rounds: nothing else holds handles then.
void Server::renew_table(Effects& out) {
  if (parts_->table.commands() < setup_.table_max) return;
  ++counters_.tables;
  const std::vector<StampedNamed> log = to_named(parts_->log->log(), parts_->table);
  const std::uint64_t written = final_written_;
  const auto refusal = take_parts(rows_of(sealer().record(), parts_->table));
  ENSURE(!refusal, "what this server holds");
  final_written_ = written;
  Log restored;
  for (const StampedNamed& named : log) {
    restored.emplace_back(intern(named.entry, parts_->table), named.stamp);
  }
  parts_->log->restore(std::move(restored));
  fitted_ = nullptr;
  SealingEffects effects;
  sealer().resend(effects);
  pass_on(std::move(effects), out);
  settle(out);
}

}  // namespace waggle::median
