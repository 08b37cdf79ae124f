#include <algorithm>

#include "smr/median/log_marks.hpp"
#include "smr/median/server.hpp"
#include "smr/median/translation.hpp"

namespace waggle::median {

void Server::receive(ReplicaId from, const Message& message, Effects& out) {
  std::visit([&](const auto& one) { on(from, one, out); }, message);
}

void Server::on(ReplicaId from, const LogRequest& request, Effects& out) {
  if (request.rejoining) rejoiner_until_ = *round_ / setup_.parameters.B + 4;
  if (request.rejoining || request.entries > 0) stay_awake();
  LogReply reply{.round = *round_,
                 .final_length = final()->length,
                 .shared = shared_entries(prefixes_, request)};
  reply.entries = to_named(LogView(log_at_start_).subspan(reply.shared), parts_->table);
  spread_to(request, reply);
  out.push_back(Send<Message>{from, std::move(reply)});
}

/// 8.6, of what the asker lacks.
void Server::spread_to(const LogRequest& request, LogReply& reply) const {
  const Known& known = known_at_start_;
  reply.last_pre = known.last_pre;
  if (request.window <= known.window) {
    for (const auto& [server, pre] : known.pres) {
      const std::size_t word = server.value / 64;
      const bool has = request.window == known.window && word < request.pres.size() &&
                       (request.pres[word] >> (server.value % 64)) % 2 == 1;
      if (!has) reply.pres.push_back(to_signed(*pre, parts_->table));
    }
    const bool same = request.window == known.window && request.commits == hash_of(known.commits);
    if (!same) reply.commits = known.commits;
  }
  if (request.lock == known.lock) return;
  for (const PreCertificatePtr& certificate : known.certificates) {
    std::vector<SignedPre> pres;
    for (const PrePtr& pre : certificate->pres()) pres.push_back(to_signed(*pre, parts_->table));
    reply.certificates.push_back(std::move(pres));
  }
}

void Server::on(ReplicaId from, const LogReply& reply, Effects& out) {
  const bool asked = std::find(targets_.begin(), targets_.end(), from.value) != targets_.end();
  if (!asked || from == setup_.self || replies_.contains(from)) {
    out.push_back(Refused{from, Refusal::kUnsolicited});
    return;
  }
  // An entry that claims to be appended later would never come of age, nor would those behind it.
  const bool ahead = std::any_of(reply.entries.begin(), reply.entries.end(),
                                 [&](const StampedNamed& one) { return one.stamp > reply.round; });
  if (ahead || reply.shared > log_at_start_.size()) {
    out.push_back(Refused{from, Refusal::kMalformed});
    return;
  }
  Log log(log_at_start_.begin(), log_at_start_.begin() + static_cast<std::ptrdiff_t>(reply.shared));
  std::vector<Digest> missing;
  for (const StampedNamed& named : reply.entries) {
    log.emplace_back(intern(named.entry, parts_->table), named.stamp);
    want(named.entry, missing);
  }
  replies_[from] = std::move(log);
  request_contents(from, std::move(missing), out);
  if (reply.final_length > final()->length && !asked_final_) {
    asked_final_ = true;
    out.push_back(Send<Message>{from, FinalRequest{final()->length}});
  }
  learn(from, reply, out);
}

/// 8.6 at its receiver: PREs, COMMITs and the certificates of a lock.
void Server::learn(ReplicaId from, const LogReply& reply, Effects& out) {
  std::vector<Digest> missing;
  SealingEffects effects;
  bool whole = reply.final_length <= final()->length;
  for (const std::vector<SignedPre>& pres : reply.certificates) {
    for (const SignedPre& pre : pres) {
      for (const Named& named : pre.entries) want(named, missing);
    }
    const auto made = PreCertificate::make(from_signed(pres, parts_->hashing, parts_->table),
                                           setup_.parameters.majority());
    if (!made) continue;  // validate() saw to it
    sealer().on_certificate(*made, effects);
    whole = whole && sealer().holds_all_of(**made);
  }
  for (const SignedPre& pre : reply.pres) {
    for (const Named& named : pre.entries) want(named, missing);
    sealer().on_pre(from_signed(pre, parts_->hashing, parts_->table), effects);
  }
  for (const Commit& commit : reply.commits) sealer().on_commit(commit, effects);
  if (whole) sealer().heard(from, reply.last_pre);
  pass_on(std::move(effects), out);
  request_contents(from, std::move(missing), out);
}

void Server::on(ReplicaId from, const Append& append, Effects& out) {
  stay_awake();
  for (const StampedContent& stamped : append.commands) {
    const Command& command = stamped.content.command;
    if (command.number <= final_number(command)) continue;  // 8.1
    if (appended_.size() >= kLogEntriesMax) {
      out.push_back(Refused{from, Refusal::kTooMany});
      return;
    }
    take_content(stamped.content);
    appended_.emplace_back(parts_->table.intern(command), std::min(stamped.stamp, *round_));
  }
}

/// Windows are rounds: one further ahead than a clock may be off would make those that run
/// forgotten.
bool Server::believable(ReplicaId from, Window window) {
  if (window_ && window <= *window_ + 2) return stay_awake(), true;
  ++timing_[from].early;
  return false;
}

void Server::on(ReplicaId from, const SignedPre& pre, Effects& out) {
  if (!believable(from, pre.window)) return;
  heads_[pre.window].erase(from);
  std::vector<Digest> missing;
  for (const Named& named : pre.entries) want(named, missing);
  SealingEffects effects;
  sealer().on_pre(from_signed(pre, parts_->hashing, parts_->table), effects);
  pass_on(std::move(effects), out);
  request_contents(from, std::move(missing), out);
}

void Server::on(ReplicaId from, const PreHead& head, Effects& out) {
  if (!believable(from, head.window)) return;
  heads_[head.window][from] = head;
  resolve_heads(head.window, out);
}

void Server::on(ReplicaId from, const PreRequest& request, Effects& out) {
  const PrePtr& own = sealer().record().last_pre;
  if (own && own->window == request.window) {
    out.push_back(Send<Message>{from, to_signed(*own, parts_->table)});
  }
}

/// The PRE, if its D is the beginning of one that is known.
PrePtr Server::resolve(const PreHead& head) const {
  const std::uint64_t entries = head.length - head.base;
  const auto begins_with_it = [&](const Pre& pre) {
    return pre.base == head.base && pre.chains.front() == head.base_chain &&
           pre.entries.size() >= entries && pre.chains[entries] == head.chain;
  };
  const auto cut = [&](const Pre& pre) {
    Pre result{head.server, head.window, head.base, pre.entries, pre.chains, head.signature};
    result.entries.resize(entries);
    result.chains.resize(entries + 1);
    return std::make_shared<const Pre>(std::move(result));
  };
  const PrePtr& own = sealer().record().last_pre;
  if (own && begins_with_it(*own)) return cut(*own);
  if (const auto* pres = sealer().pres_of(head.window)) {
    for (const auto& [server, pre] : *pres) {
      if (begins_with_it(*pre)) return cut(*pre);
    }
  }
  return nullptr;
}

void Server::resolve_heads(Window window, Effects& out) {
  const auto of_window = heads_.find(window);
  if (of_window == heads_.end()) return;
  SealingEffects effects;
  std::erase_if(of_window->second, [&](const auto& entry) {
    const PrePtr pre = resolve(entry.second);
    if (pre) sealer().on_pre(pre, effects);
    return pre != nullptr;
  });
  pass_on(std::move(effects), out);
}

void Server::on(ReplicaId from, const Commit& commit, Effects& out) {
  if (!believable(from, commit.window)) return;
  SealingEffects effects;
  sealer().on_commit(commit, effects);
  pass_on(std::move(effects), out);
}

void Server::on(ReplicaId from, const ContentRequest& request, Effects& out) {
  Contents contents;
  std::size_t bytes = 0;
  for (const Digest& leaf : request.digests) {
    const Content* held = contents_.content(leaf);
    if (!held) continue;
    bytes += held->request->size();
    if (bytes > kRequestBytesMax && !contents.commands.empty()) break;  // the rest another time
    contents.commands.push_back(*held);
  }
  if (!contents.commands.empty()) out.push_back(Send<Message>{from, std::move(contents)});
}

void Server::on(ReplicaId, const Contents& contents, Effects&) {
  for (const Content& content : contents.commands) {
    // What nobody named is not kept: it could not be told when to forget it.
    if (wanted_.contains(content.command.digest)) take_content(content);
  }
}

void Server::on(ReplicaId from, const FinalRequest& request, Effects& out) {
  if (request.from >= final()->length) return;
  FinalReply reply{.from = request.from};
  const auto seal = seals_.upper_bound(request.from);
  const bool kept = !sealed_.empty() && request.from >= sealed_.front().position;
  if (!kept || seal == seals_.end()) {
    out.push_back(Send<Message>{from, std::move(reply)});
    return;
  }
  // As far as the last seal within the bound; the first one in any case, if it is.
  std::size_t bytes = 0;
  std::size_t sealed_entries = 0;
  for (std::uint64_t at = request.from; at < final()->length; ++at) {
    const SealedEntry& entry = sealed_[at - sealed_.front().position];
    bytes += entry.request ? entry.request->size() : 0;
    const bool enough = sealed_entries > 0 || bytes > kLongRunBytesMax;
    if (bytes > kRequestBytesMax && enough) break;
    reply.entries.push_back({entry.entry, entry.request});
    if (const auto ends = seals_.find(at + 1); ends != seals_.end()) {
      sealed_entries = reply.entries.size();
      reply.seal = ends->second->commits();
    }
  }
  reply.entries.resize(sealed_entries);
  out.push_back(Send<Message>{from, std::move(reply)});
}

void Server::on(ReplicaId from, const FinalReply& reply, Effects& out) {
  if (reply.from != final()->length) return;  // it has grown since
  if (reply.entries.empty()) {
    out.push_back(StateNeeded{from});
    return;
  }
  Sequence entries;
  for (const FinalEntry& entry : reply.entries) {
    entries.push_back(intern(entry.entry, parts_->table));
    if (entry.request) {
      auto content = read_content(entry.request, setup_.limits, setup_.hasher);
      if (content) take_content(*content);
    }
  }
  const auto seal = Seal::make(reply.seal, setup_.parameters.majority());
  if (!seal) {
    out.push_back(Refused{from, seal.error()});
    return;
  }
  SealingEffects effects;
  sealer().on_sealed(entries, *seal, effects);
  pass_on(std::move(effects), out);
}

void Server::take_content(const Content& content) {
  if (contents_.add(content) && wanted_.erase(content.command.digest) > 0) found_wanted_ = true;
}

/// Notes the entry if its command is not here, and in `missing` if it was not asked for yet.
void Server::want(const Named& named, std::vector<Digest>& missing) {
  if (!named.digest || named.number <= final()->number(named.client)) return;
  if (contents_.holds(*named.digest) || wanted_.size() >= kLogEntriesMax) return;
  wanted_.try_emplace(*named.digest, named);
  if (missing.size() < kContentsMax && asked_.insert(*named.digest).second) {
    missing.push_back(*named.digest);
  }
}

void Server::request_contents(ReplicaId from, std::vector<Digest> missing, Effects& out) {
  if (missing.empty() || from == setup_.self) return;
  out.push_back(Send<Message>{from, ContentRequest{std::move(missing)}});
}

}  // namespace waggle::median
