#include "tests/spec/median_sealing.hpp"

#include <algorithm>

namespace waggle::median {

bool SealingChecker::agreement() {
  for (const auto& [window, by_server] : commits_) {
    std::vector<std::uint64_t> lengths;
    for (const auto& [server, length] : by_server) lengths.push_back(length);
    if (lengths.size() < majority_) continue;
    std::sort(lengths.rbegin(), lengths.rend());
    const std::uint64_t sealed = lengths[majority_ - 1];
    // The contents: what a majority of that window's PREs have in front.
    std::map<std::vector<std::uint32_t>, std::uint32_t> support;
    for (const Sequence& d : pres_[window]) {
      if (d.size() < sealed) continue;
      std::vector<std::uint32_t> front;
      for (std::uint64_t p = 0; p < sealed; ++p) front.push_back(d[p].value);
      if (++support[front] == majority_) join({d.begin(), d.begin() + static_cast<long>(sealed)});
    }
  }
  return agreed_;
}

void SealingChecker::join(const Sequence& sequence) {
  const std::size_t common = std::min(sequence.size(), longest_.size());
  const auto end = sequence.begin() + static_cast<std::ptrdiff_t>(common);
  if (!std::equal(sequence.begin(), end, longest_.begin())) agreed_ = false;
  if (sequence.size() > longest_.size()) longest_ = sequence;
}

SealingTable::SealingTable(std::uint32_t n, const SealingGuards& guards)
    : setup_{.n = n, .hashing = {&letters_.table, &hasher_}, .guards = guards}, checker_(n) {
  finals_[Digest{}] = {};
  for (std::uint32_t i = 0; i < n; ++i) {
    setup_.self = ReplicaId{i};
    durable_.emplace_back();
    servers_.emplace_back(setup_, SealingRecord{});
  }
}

Sequence SealingTable::continued(const Sequence& base, std::string_view letters) {
  std::map<char, std::uint64_t> numbers;
  for (const char letter : text(base)) ++numbers[letter];
  Sequence result = base;
  for (const char letter : letters) {
    result.push_back(letters_.command(letter, ++numbers[letter]));
  }
  return result;
}

Sequence SealingTable::base_of(std::uint32_t i) const {
  Sequence base = finals_.at(server(i).final().chain);
  const Sequence lock = server(i).lock().sequence();
  base.insert(base.end(), lock.begin(), lock.end());
  return base;
}

bool SealingTable::pre(std::uint32_t i, Window w, std::string_view d) {
  const std::string base = text(base_of(i));
  return d.starts_with(base) && pre_tail(i, w, d.substr(base.size()));
}

bool SealingTable::pre_tail(std::uint32_t i, Window w, std::string_view tail) {
  const Sequence base = base_of(i);
  const Sequence d = continued(base, tail);
  effects_.clear();
  servers_[i - 1].boundary(w, SequenceView(d).subspan(base.size()), effects_);
  const bool is_signed = !effects_.empty();
  perform(i);
  return is_signed;
}

PreCertificatePtr SealingTable::certificate(Window w,
                                            const std::vector<std::uint32_t>& servers) const {
  std::vector<PrePtr> pres;
  for (const std::uint32_t server : servers) pres.push_back(pres_.at(w).at(server));
  return *PreCertificate::make(std::move(pres), setup_.quorum());
}

std::uint64_t SealingTable::learn(std::uint32_t i, const PreCertificatePtr& certificate) {
  effects_.clear();
  servers_[i - 1].on_certificate(certificate, effects_);
  perform(i);
  std::uint64_t committed = 0;
  for (const SealingEffect& effect : effects_) {
    const auto* sent = std::get_if<Broadcast<SealingMessage>>(&effect);
    const auto* commit = sent == nullptr ? nullptr : std::get_if<Commit>(&sent->message);
    if (commit != nullptr && commit->window == certificate->window()) committed = commit->length;
  }
  return committed;
}

void SealingTable::hear_pres(std::uint32_t i, Window w) {
  for (const auto& [signer, pre] : std::map(pres_[w])) {
    effects_.clear();
    servers_[i - 1].on_pre(pre, effects_);
    perform(i);
  }
}

void SealingTable::hear_commit(std::uint32_t i, const Commit& commit) {
  effects_.clear();
  servers_[i - 1].on_commit(commit, effects_);
  perform(i);
}

void SealingTable::hear_commits(std::uint32_t i, Window w) {
  const std::vector<Commit> all = commits_[w];
  for (const Commit& commit : all) hear_commit(i, commit);
}

void SealingTable::spread(std::uint32_t j, std::uint32_t i) {
  effects_.clear();
  servers_[i - 1].on_spread(server(j).spread(), effects_);
  perform(i);
}

void SealingTable::restart(std::uint32_t i) {
  setup_.self = ReplicaId{i - 1};
  servers_[i - 1] = Sealer(setup_, durable_[i - 1]);
}

void SealingTable::lose_memory(std::uint32_t i, Window w) {
  durable_[i - 1] = {};
  restart(i);
  effects_.clear();
  servers_[i - 1].rejoin(w, effects_);
  perform(i);
}

void SealingTable::tell(std::uint32_t j, std::uint32_t i) {
  spread(j, i);
  const PrePtr& last = server(j).record().last_pre;
  if (last) servers_[i - 1].heard(ReplicaId{j - 1}, last->window);
}

/// Notes what the server's last effects say. Signed messages count once they are behind their
/// record, which is how effects are ordered.
void SealingTable::perform(std::uint32_t i) {
  Sequence executed = finals_.at(durable_[i - 1].final->chain);
  for (const SealingEffect& effect : effects_) {
    if (const auto* persist = std::get_if<Persist<SealingRecord>>(&effect)) {
      durable_[i - 1] = persist->record;
    } else if (const auto* execute = std::get_if<Execute>(&effect)) {
      executed.push_back(execute->handle);
      finals_[setup_.hashing.extend({}, executed)] = executed;
      checker_.on_final(executed);
    } else if (const auto* adopted = std::get_if<FinalAdopted>(&effect)) {
      executed = finals_.at(adopted->final->chain);
    } else if (const auto* sent = std::get_if<Broadcast<SealingMessage>>(&effect)) {
      if (const auto* pre = std::get_if<PrePtr>(&sent->message)) {
        pres_[(*pre)->window][i] = *pre;
        Sequence d = finals_.at((*pre)->chains.front());
        d.insert(d.end(), (*pre)->entries.begin(), (*pre)->entries.end());
        checker_.on_pre((*pre)->window, d);
      } else {
        const Commit& commit = std::get<Commit>(sent->message);
        commits_[commit.window].push_back(commit);
        checker_.on_commit(commit);
      }
    }
  }
}

std::vector<Window> SealingTable::marks(std::uint32_t i) const {
  std::vector<Window> result;
  for (const LockEntry& entry : server(i).lock().entries()) result.push_back(entry.mark);
  return result;
}

std::string SealingTable::text(const Sequence& sequence) const {
  std::string result;
  for (const Handle handle : sequence) {
    const ClientId& client =
        letters_.table.client_id(letters_.table.client(letters_.table.slot(handle)));
    result.push_back(static_cast<char>(client.bytes[0]));
  }
  return result;
}

std::vector<std::uint32_t> SealingTable::signers(Window w) const {
  std::vector<std::uint32_t> result;
  const auto found = pres_.find(w);
  if (found == pres_.end()) return result;
  for (const auto& [server, pre] : found->second) result.push_back(server);
  return result;
}

}  // namespace waggle::median
