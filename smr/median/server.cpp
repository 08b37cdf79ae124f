#include "smr/median/server.hpp"

#include <algorithm>

#include "smr/median/log_marks.hpp"
#include "smr/median/translation.hpp"

namespace waggle::median {
namespace {

/// Messages of the next round that wait for it, per server.
constexpr std::size_t kEarlyMax = 8;

/// A name whose command nobody gave for so many times T is dropped: those who had the command lost
/// it, and its client, if it is still there, brings it again.
constexpr std::uint32_t kForgottenAfter = 16;

/// Of so many rounds an idle server asks in one, after so many windows without anything.
constexpr Round kQuietRounds = 8;
constexpr Round kAwakeWindows = 4;

/// The round that a message belongs to; nothing if it does not matter.
std::optional<Round> round_of(const Message& message) {
  if (const auto* request = std::get_if<LogRequest>(&message)) return request->round;
  if (const auto* reply = std::get_if<LogReply>(&message)) return reply->round;
  if (const auto* append = std::get_if<Append>(&message)) return append->round;
  return std::nullopt;
}

}  // namespace

Server::Server(const Setup& setup, bool rejoin) : setup_(setup), rejoin_(rejoin) {}

Result<std::unique_ptr<Server>, Refusal> Server::open(const Setup& setup, const Rows& rows,
                                                      bool rejoin) {
  std::unique_ptr<Server> server(new Server(setup, rejoin && rows.empty()));
  if (const auto refusal = server->take_parts(rows)) return Unexpected{*refusal};
  return server;
}

/// Starts from rows with a table of its own.
std::optional<Refusal> Server::take_parts(const Rows& rows) {
  auto parts = std::make_unique<Parts>();
  parts->hashing = {&parts->table, &setup_.hasher};
  auto read = decode_rows(rows, setup_.parameters.n, setup_.limits, parts->hashing, parts->table);
  if (!read) return read.error();
  if (read->sealing.final->length == 0) {
    FinalPrefix nothing;
    nothing.chains = certificate::ServerChains(setup_.clients_max);
    read->sealing.final = std::make_shared<const FinalPrefix>(std::move(nothing));
  }
  for (const Content& content : read->contents) {
    contents_.add(content);
    content_rows_.insert(content.command.digest);
  }
  for (SealedEntry& entry : read->sealed) sealed_.push_back(std::move(entry));
  Sealer::Setup sealing{.self = setup_.self,
                        .n = setup_.parameters.n,
                        .hashing = parts->hashing,
                        .guards = setup_.guards,
                        .holds = [this](Handle handle) { return holds(handle); }};
  parts->sealer.emplace(sealing, std::move(read->sealing));
  parts->log.emplace(setup_.parameters, parts->table);
  parts->merger.emplace(parts->table, Choices{});
  parts_ = std::move(parts);
  durable_ = sealer().record();
  final_written_ = read->final_written;
  if (durable_.final->seal) seals_[durable_.final->length] = durable_.final->seal;
  return std::nullopt;
}

bool Server::holds(Handle handle) const {
  return handle.is_null() || handle == kDummy || contents_.holds(parts_->table.digest(handle));
}

void Server::step(const Input& input, Effects& out) noexcept {
  if (const auto* begins = std::get_if<RoundBegins>(&input)) {
    begin_round(begins->round, out);
  } else if (const auto* message = std::get_if<Verified<Message>>(&input)) {
    if (rejoin_) return;  // 8.7: only its first round says since when it may sign nothing
    if (in_time(message->from(), message->message())) {
      receive(message->from(), message->message(), out);
    } else if (round_ && round_of(message->message()) == *round_ + 1 &&
               early_.size() < kEarlyMax * setup_.parameters.n) {
      ++counters_.kept_early;
      early_.push_back(*message);
    }
  } else if (const auto* command = std::get_if<ClientCommand>(&input)) {
    const Content& content = command->content;
    if (content.command.number <= final_number(content.command)) return;
    take_content(content);
    pending_.try_emplace(content.command.digest, content);
  } else {
    SealingEffects effects;
    sealer().on_final(std::get<StateInstalled>(input).final, effects);
    pass_on(std::move(effects), out);
  }
  settle(out);
}

/// 9: what is not of the own round counts as not arrived. A message of the next round is not lost:
/// two clocks never tick together.
bool Server::in_time(ReplicaId from, const Message& message) {
  const std::optional<Round> round = round_of(message);
  if (!round) return true;
  if (!round_) return false;
  Timing& timing = timing_[from];
  if (*round == *round_) return ++timing.in_time, true;
  if (*round == *round_ + 1) return false;
  ++(*round < *round_ ? timing.late : timing.early);
  stay_awake();  // so that whose clock it is shows
  return false;
}

void Server::begin_round(Round round, Effects& out) {
  const bool first = !round_;
  if (!first) {
    if (round <= *round_) return;
    counters_.rounds_skipped += round - *round_ - 1;
    merge();
  }
  ++counters_.rounds;
  round_ = round;
  if (first) stay_awake();
  settle(out);
  open_window(out);
  if (first) {
    SealingEffects effects;
    sealer().resend(effects);
    pass_on(std::move(effects), out);
  }
  settle(out);
  ask(out);
  amplify(out);
  ask_for_contents(out);
  ask_for_pres(out);
  take_early(out);
}

/// Algorithm 3, with what came in the round that ends (8.1).
void Server::merge() {
  std::vector<LogView> views;
  std::set<std::uint32_t> replied;
  for (const std::uint32_t target : targets_) {
    const auto reply = replies_.find(ReplicaId{target});
    const bool own = ReplicaId{target} == setup_.self;
    if (!own && reply == replies_.end()) continue;
    views.push_back(own ? log_at_start_ : reply->second);
    replied.insert(target);
  }
  if (!targets_.empty()) {
    last_replies_ = static_cast<std::uint32_t>(replied.size());
    if (views.size() < setup_.parameters.l) ++counters_.rounds_blocked;
  }
  parts_->log->round(views, appended_, *parts_->merger, setup_.rng);
  parts_->log->truncate(kLogEntriesMax);
  parts_->log->erase_if([this](Entry entry) {
    return entry.aged(*round_, kForgottenAfter * setup_.parameters.T) && !holds(entry.handle());
  });
  fitted_ = nullptr;
  replies_.clear();
  appended_.clear();
}

/// With nothing to agree on, where everybody is asked: one round in eight is enough to see who is
/// there and whether somebody is ahead. Whoever has something asks everybody, and wakes them.
bool Server::quiet() {
  const bool busy = !log_at_start_.empty() || !pending_.empty() || rejoining() ||
                    !sealer().lock().entries().empty();
  if (busy) stay_awake();
  return setup_.parameters.asks_everyone() && *round_ >= busy_until_ && *round_ % kQuietRounds != 0;
}

void Server::stay_awake() { busy_until_ = *round_ + kAwakeWindows * setup_.parameters.B; }

/// 8.2, at the first round of a window that this server sees.
void Server::open_window(Effects& out) {
  const Window window = *round_ / setup_.parameters.B;
  if (window_ && window <= *window_) return;
  window_ = window;
  SealingEffects effects;
  if (rejoin_) {  // 8.7: a clock that is ahead may have signed for the next window already
    rejoin_ = false;
    sealer().rejoin(window + 1, effects);
  }
  renew_table(out);
  Sequence aged = parts_->log->aged_behind(sealer().lock(), *round_);
  std::erase_if(aged, [this](Handle handle) { return !holds(handle); });
  // Nothing new: nothing to seal, and an idle server writes nothing.
  const bool idle = aged.empty() && sealer().lock().entries().empty();
  if (!idle || rejoining() || window < rejoiner_until_) {
    sealer().boundary(window, aged, effects);
  }
  pass_on(std::move(effects), out);
  heads_.erase(heads_.begin(), heads_.lower_bound(window > 3 ? window - 3 : 0));
  resolve_heads(window, out);
}

/// Section 3: k log requests. Whoever was drawn twice is asked once, and counts twice.
void Server::ask(Effects& out) {
  log_at_start_ = parts_->log->log();
  prefixes_ = prefix_hashes(log_at_start_, parts_->table);
  known_at_start_ = known();
  asked_.clear();
  asked_final_ = false;
  targets_.clear();
  if (quiet()) return;
  draw_targets(setup_.parameters, setup_.rng, targets_);
  LogRequest request{.round = *round_,
                     .final_length = final()->length,
                     .entries = log_at_start_.size(),
                     .marks = marks_of(prefixes_),
                     .window = known_at_start_.window,
                     .commits = hash_of(known_at_start_.commits),
                     .lock = known_at_start_.lock,
                     .rejoining = rejoining()};
  request.pres.resize((setup_.parameters.n + 63) / 64);
  for (const auto& [server, pre] : known_at_start_.pres) {
    request.pres[server.value / 64] |= std::uint64_t{1} << (server.value % 64);
  }
  for (const std::uint32_t target : std::set(targets_.begin(), targets_.end())) {
    if (ReplicaId{target} != setup_.self) out.push_back(Send<Message>{ReplicaId{target}, request});
  }
}

Server::Known Server::known() const {
  const SealingRecord& record = sealer().record();
  Known known{.window = sealer().newest(),
              .commits = sealer().commits_of(sealer().newest()),
              .lock = hash_of(sealer().lock(), parts_->table)};
  if (const auto* pres = sealer().pres_of(known.window)) known.pres = *pres;
  for (const auto& [marked, certificate] : record.certificates) {
    if (sealer().lock().holds_mark(marked)) known.certificates.push_back(certificate);
  }
  if (record.last_pre && !rejoining()) known.last_pre = record.last_pre->window;
  return known;
}

/// Section 3: commands of clients that the log lacks, each to servers drawn for it.
void Server::amplify(Effects& out) {
  if (pending_.empty()) return;
  std::set<std::uint32_t> in_log;
  for (const Entry entry : log_at_start_) in_log.insert(entry.handle().value);
  std::map<std::uint32_t, Append> appends;
  std::map<std::uint32_t, std::size_t> bytes;  // beyond a bound the rest goes in a later round
  std::vector<std::uint32_t> targets;
  for (const auto& [leaf, content] : pending_) {
    const Handle handle = parts_->table.intern(content.command);
    const Handle null = parts_->table.null_of(parts_->table.slot(handle));
    if (in_log.contains(handle.value) || in_log.contains(null.value)) continue;
    draw_append_targets(setup_.parameters, setup_.rng, targets);
    for (const std::uint32_t target : std::set(targets.begin(), targets.end())) {
      std::size_t& sent = bytes[target];
      sent += content.request->size();
      if (sent > kRequestBytesMax && !appends[target].commands.empty()) continue;
      appends[target].commands.push_back({content, *round_});
    }
  }
  for (auto& [target, append] : appends) {
    append.round = *round_;
    if (ReplicaId{target} == setup_.self) {
      on(setup_.self, append, out);
    } else {
      out.push_back(Send<Message>{ReplicaId{target}, std::move(append)});
    }
  }
}

/// What whoever named it did not give: somebody else may.
void Server::ask_for_contents(Effects& out) {
  const std::uint32_t n = setup_.parameters.n;
  if (wanted_.empty() || n == 1) return;
  std::vector<Digest> missing;
  for (const auto& [leaf, named] : wanted_) {
    if (missing.size() < kContentsMax) missing.push_back(leaf);
  }
  const std::uint32_t other = (setup_.self.value + 1 + draw(setup_.rng, n - 1)) % n;
  request_contents(ReplicaId{other}, std::move(missing), out);
}

/// Those whose D is none that this server or others have proposed.
void Server::ask_for_pres(Effects& out) {
  for (const auto& [window, heads] : heads_) {
    for (const auto& [server, head] : heads)
      out.push_back(Send<Message>{server, PreRequest{window}});
  }
}

void Server::take_early(Effects& out) {
  for (const Verified<Message>& message : std::exchange(early_, {})) {
    if (in_time(message.from(), message.message())) {
      receive(message.from(), message.message(), out);
    }
  }
}

bool Server::full() const noexcept {
  return pending_.size() >= kLogEntriesMax / 4 || log_entries() >= kLogEntriesMax / 2 ||
         contents_.bytes() >= ContentStore::kBytesMax / 2;
}

std::vector<Sealed> Server::sealed_from(std::uint64_t position) const {
  std::vector<Sealed> result;
  if (sealed_.empty() || position < sealed_.front().position) return result;
  for (const SealedEntry& entry : sealed_) {
    if (entry.position >= position) {
      result.push_back({entry.position, entry.entry, entry.request, entry.applies});
    }
  }
  return result;
}

}  // namespace waggle::median
