#include "smr/median/sealer.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::median {

Sealer::Sealer(const Setup& setup, SealingRecord recovered)
    : setup_(setup),
      record_(std::move(recovered)),
      tally_(setup.quorum(), setup.guards.windows_apart) {
  if (!setup_.guards.restart_keeps_pre) record_.last_pre = nullptr;
  if (!setup_.guards.restart_keeps_lock) record_.lock = Lock{};
  if (record_.last_pre) see_window(record_.last_pre->window);
  checked_ = record_;
}

void Sealer::boundary(Window w, SequenceView aged, SealingEffects& out) {
  if (record_.last_pre) {
    const Window last = record_.last_pre->window;
    if (w < last || (w == last && setup_.guards.one_pre_per_window)) return;  // 8.2
  }
  if (record_.rejoin) {
    if (!rejoined(w)) return;  // 8.7
    record_.rejoin.reset();
  }
  Sequence entries = lock().sequence();
  entries.insert(entries.end(), aged.begin(), aged.end());
  record_.last_pre =
      make_pre(setup_.self, w, final().length, final().chain, std::move(entries), setup_.hashing);
  record_.commits.erase(record_.commits.begin(), record_.commits.lower_bound(w));
  see_window(w);
  persist(out);
  out.push_back(Broadcast<SealingMessage>{record_.last_pre});
}

void Sealer::rejoin(Window w, SealingEffects& out) {
  ENSURE(!record_.last_pre, "a server that knows what it signed need not rejoin");
  record_.rejoin = w;
  persist(out);
}

void Sealer::heard(ReplicaId from, Window last_pre) {
  if (record_.rejoin && from != setup_.self && last_pre > *record_.rejoin) heard_.insert(from);
}

/// 8.7: a majority that sealed with a promise that was forgotten has a member among those heard.
bool Sealer::rejoined(Window w) const {
  if (!setup_.guards.rejoin_waits) return true;
  return w > *record_.rejoin && heard_.size() >= setup_.n - setup_.n / 2;
}

void Sealer::on_pre(const PrePtr& pre, SealingEffects& out) {
  if (note(pre)) certify(pre->window, out);
}

/// Keeps a PRE unless its server's is known, or its window long past.
bool Sealer::note(const PrePtr& pre) {
  see_window(pre->window);
  if (pre->window + kWindowsKept <= newest_) return false;
  return pres_[pre->window].try_emplace(pre->server, pre).second;
}

/// 8.3: files what the known PREs of the window certify.
void Sealer::certify(Window w, SealingEffects& out) {
  const auto of_window = pres_.find(w);
  if (of_window == pres_.end() || of_window->second.size() < setup_.quorum()) return;
  std::vector<PrePtr> pres;
  for (const auto& [server, held] : of_window->second) pres.push_back(held);
  file(*PreCertificate::make(std::move(pres), setup_.quorum()), out);
}

void Sealer::on_certificate(const PreCertificatePtr& certificate, SealingEffects& out) {
  see_window(certificate->window());
  file(certificate, out);
}

void Sealer::on_commit(const Commit& commit, SealingEffects& out) {
  if (note(commit)) try_seal(commit.window, out);
}

bool Sealer::note(const Commit& commit) {
  see_window(commit.window);
  return commit.window + kWindowsKept > newest_ && tally_.add(commit);
}

/// 8.3, then what follows from it: 8.4 and 8.5.
void Sealer::file(const PreCertificatePtr& certificate, SealingEffects& out) {
  const Window w = certificate->window();
  const auto longest = certificate->longest(final());
  if (longest.conflicts && w > final().window()) out.push_back(FinalConflict{w});
  const SequenceView entries = available(longest.entries);
  if (entries.empty()) return;  // 8.3: does not extend F beyond its end
  keep(certificate, longest);
  const bool locked = record_.lock.file(w, entries, setup_.guards);
  const std::optional<Commit> commit = try_commit(w, entries);
  forget();
  if (locked || commit) persist(out);
  if (commit) out.push_back(Broadcast<SealingMessage>{*commit});
  try_seal(w, out);
}

/// The beginning of which every command is here. PC(w, X') is one for every prefix of X' (8.3).
SequenceView Sealer::available(SequenceView entries) const {
  if (!setup_.holds) return entries;
  const auto missing = std::find_if_not(entries.begin(), entries.end(), setup_.holds);
  return entries.first(static_cast<std::size_t>(missing - entries.begin()));
}

bool Sealer::holds_all_of(const PreCertificate& certificate) const {
  const auto longest = certificate.longest(final());
  return available(longest.entries).size() == longest.entries.size();
}

const std::map<ReplicaId, PrePtr>* Sealer::pres_of(Window w) const {
  const auto found = pres_.find(w);
  return found == pres_.end() ? nullptr : &found->second;
}

/// 8.4: a longer COMMIT of the window, unless a PRE of a later one was signed.
std::optional<Commit> Sealer::try_commit(Window w, SequenceView certified) {
  const bool pre_is_later = record_.last_pre && record_.last_pre->window > w;
  if (pre_is_later && setup_.guards.no_commit_after_pre) return std::nullopt;
  if (record_.rejoin) return std::nullopt;  // 8.7
  const std::uint64_t length = final().length + certified.size();
  const auto before = record_.commits.find(w);
  if (before != record_.commits.end() && before->second.length >= length) return std::nullopt;
  PrefixCursor cursor(final(), setup_.hashing);
  for (const Handle handle : certified) cursor.append(handle);
  const Commit commit{setup_.self, w, length, cursor.root()};
  record_.commits[w] = commit;
  return commit;
}

/// 8.5: F grows to the sealed length of the window once a certificate of it gives the contents.
void Sealer::try_seal(Window w, SealingEffects& out) {
  const auto certificate = record_.certificates.find(w);
  if (certificate == record_.certificates.end()) return;
  SealPtr found = tally_.best(w, final().length);
  if (!found && setup_.guards.second_step) return;
  const SequenceView entries = available(certified_by(certificate->second).entries);
  if (!setup_.guards.second_step && !entries.empty()) {  // planted: certified is sealed
    PrefixCursor cursor(final(), setup_.hashing);
    for (const Handle handle : entries) cursor.append(handle);
    found = *Seal::make({Commit{setup_.self, w, cursor.length(), cursor.root()}}, 1);
  }
  if (!found) return;
  const std::uint64_t missing = found->length() - final().length;
  if (missing <= entries.size()) seal(entries.first(missing), found, out);
}

void Sealer::seal(SequenceView entries, const SealPtr& seal, SealingEffects& out) {
  SealingEffects executed;
  PrefixCursor cursor(final(), setup_.hashing);
  for (const Handle handle : entries) {
    const std::uint64_t position = cursor.length();
    executed.push_back(Execute{position, handle, cursor.append(handle)});
  }
  if (cursor.root() != seal->root()) {  // the contents are not what was committed
    out.push_back(FinalConflict{seal->window()});
    return;
  }
  finalize(cursor.finish(seal));
  persist(out);
  out.insert(out.end(), executed.begin(), executed.end());
}

void Sealer::on_sealed(SequenceView entries, const SealPtr& proof, SealingEffects& out) {
  if (proof->length() != final().length + entries.size() || entries.empty()) return;
  if (available(entries).size() != entries.size()) return;
  see_window(proof->window());
  seal(entries, proof, out);
}

void Sealer::retry(SealingEffects& out) {
  std::vector<PreCertificatePtr> known;
  for (const auto& [window, certificate] : record_.certificates) known.push_back(certificate);
  for (const PreCertificatePtr& certificate : known) file(certificate, out);
  std::vector<Window> windows;
  for (const auto& [window, pres] : pres_) windows.push_back(window);
  for (const Window w : windows) certify(w, out);
}

void Sealer::on_final(const FinalPtr& final_prefix, SealingEffects& out) {
  if (final_prefix->length <= final().length || !final_prefix->seal) return;
  const Seal& proof = *final_prefix->seal;
  if (proof.length() != final_prefix->length) return;
  if (proof.root() != final_prefix->root(*setup_.hashing.hasher)) return;
  see_window(proof.window());
  finalize(final_prefix);
  persist(out);
  out.push_back(FinalAdopted{final_prefix});
}

void Sealer::finalize(FinalPtr next) {
  record_.lock.follow(final(), *next, setup_.hashing);
  record_.final = std::move(next);
  forget();
}

/// Keeps the longer one of two certificates of a window; `longest`: of this one, beyond F.
void Sealer::keep(const PreCertificatePtr& certificate, const PreCertificate::Longest& longest) {
  const Window w = certificate->window();
  PreCertificatePtr& held = record_.certificates[w];
  if (held && longest.entries.size() <= certified_by(held).entries.size()) return;
  held = certificate;
  certified_[w] = {certificate, final().chain, longest};
}

/// What the certificate that is kept of its window certifies beyond F.
const PreCertificate::Longest& Sealer::certified_by(const PreCertificatePtr& kept) {
  Certified& known = certified_[kept->window()];
  if (known.certificate != kept || known.final != final().chain) {
    known = {kept, final().chain, kept->longest(final())};
  }
  return known.longest;
}

void Sealer::see_window(Window w) {
  if (w <= newest_) return;
  newest_ = w;
  forget();
}

/// Drops what is of no use any more: all of windows long past, but certificates of marks.
void Sealer::forget() {
  const Window oldest = newest_ < kWindowsKept ? 0 : newest_ - kWindowsKept + 1;
  pres_.erase(pres_.begin(), pres_.lower_bound(oldest));
  tally_.forget_before(oldest);
  std::erase_if(record_.certificates, [&](const auto& entry) {
    return entry.first < oldest && !record_.lock.holds_mark(entry.first);
  });
  std::erase_if(certified_,
                [&](const auto& entry) { return !record_.certificates.contains(entry.first); });
}

void Sealer::persist(SealingEffects& out) {
  if (setup_.guards == SealingGuards{}) {
    check_record(record_);
    check_change(checked_, record_);
    checked_ = record_;
  }
  out.push_back(Persist<SealingRecord>{record_});
}

void Sealer::on_spread(const Spread& spread, SealingEffects& out) {
  on_final(spread.final, out);
  for (const PreCertificatePtr& certificate : spread.certificates) {
    const auto held = record_.certificates.find(certificate->window());
    const bool known = held != record_.certificates.end() &&
                       (held->second == certificate || held->second->pres() == certificate->pres());
    if (!known) on_certificate(certificate, out);
  }
  std::set<Window> certifiable;
  for (const PrePtr& pre : spread.pres) {
    if (note(pre)) certifiable.insert(pre->window);
  }
  for (const Window w : certifiable) certify(w, out);
  std::set<Window> sealable;
  for (const Commit& commit : spread.commits) {
    if (note(commit)) sealable.insert(commit.window);
  }
  for (const Window w : sealable) try_seal(w, out);
}

void Sealer::resend(SealingEffects& out) const {
  if (!record_.last_pre) return;
  out.push_back(Broadcast<SealingMessage>{record_.last_pre});
  for (const auto& [window, commit] : record_.commits) {
    out.push_back(Broadcast<SealingMessage>{commit});
  }
}

Spread Sealer::spread() const {
  Spread result{.final = record_.final};
  for (const auto& [window, certificate] : record_.certificates) {
    result.certificates.push_back(certificate);
  }
  const auto newest = pres_.rbegin();
  if (newest != pres_.rend()) {
    for (const auto& [server, pre] : newest->second) result.pres.push_back(pre);
  }
  result.commits = tally_.of(newest_);
  return result;
}

}  // namespace waggle::median
