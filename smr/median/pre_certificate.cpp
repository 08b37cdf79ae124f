#include "smr/median/pre_certificate.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace waggle::median {
namespace {

/// What some servers support.
struct Support {
  SequenceView sequence;
  std::uint32_t servers = 0;
};

/// The entry that at least `quorum` of the servers have at `at`, or nothing. A quorum is more than
/// half of them, so that only one entry can be it: the one that is left when different ones are
/// struck out in pairs.
std::optional<Handle> supported(const std::vector<Support>& all, std::size_t at,
                                std::uint32_t quorum) {
  Handle left;
  std::uint32_t times = 0;
  for (const auto& [sequence, servers] : all) {
    if (sequence.size() <= at) continue;
    if (times == 0) left = sequence[at];
    if (sequence[at] == left) {
      times += servers;
    } else if (times >= servers) {
      times -= servers;
    } else {
      left = sequence[at];
      times = servers - times;
    }
  }
  std::uint32_t count = 0;
  for (const auto& [sequence, servers] : all) {
    if (sequence.size() > at && sequence[at] == left) count += servers;
  }
  if (count < quorum) return std::nullopt;
  return left;
}

}  // namespace

PrePtr make_pre(ReplicaId server, Window window, std::uint64_t base, const Digest& base_chain,
                Sequence entries, const Hashing& hashing, const Signature& signature) {
  Pre pre{.server = server, .window = window, .base = base, .entries = std::move(entries)};
  pre.signature = signature;
  pre.chains.push_back(base_chain);
  for (const Handle entry : pre.entries) {
    pre.chains.push_back(hashing.extend(pre.chains.back(), entry));
  }
  return std::make_shared<const Pre>(std::move(pre));
}

Beyond beyond(const Pre& pre, const FinalPrefix& final) {
  if (pre.base > final.length) return {Fit::kUnknown, {}};
  const std::uint64_t skipped = final.length - pre.base;
  if (skipped > pre.entries.size()) return {Fit::kShorter, {}};
  if (pre.chains[skipped] != final.chain) return {Fit::kConflicts, {}};
  return {Fit::kExtends, SequenceView(pre.entries).subspan(skipped)};
}

Result<PreCertificatePtr, Refusal> PreCertificate::make(std::vector<PrePtr> pres,
                                                        std::uint32_t quorum) {
  if (pres.empty() || pres.size() < quorum) return Unexpected{Refusal::kTooFewSigners};
  std::vector<ReplicaId> servers;
  for (const PrePtr& pre : pres) {
    servers.push_back(pre->server);
    if (pre->window != pres.front()->window) return Unexpected{Refusal::kBadCertificate};
  }
  std::sort(servers.begin(), servers.end());
  if (std::adjacent_find(servers.begin(), servers.end()) != servers.end()) {
    return Unexpected{Refusal::kDuplicateSigner};
  }
  return PreCertificatePtr(new PreCertificate(std::move(pres), quorum));
}

PreCertificate::PreCertificate(std::vector<PrePtr> pres, std::uint32_t quorum)
    : pres_(std::move(pres)), quorum_(quorum) {
  // Base, length and digest of all of D stand for it.
  std::map<std::tuple<std::uint64_t, std::size_t, Digest>, std::size_t> places;
  for (const PrePtr& pre : pres_) {
    const Digest all = pre->chains.empty() ? Digest{} : pre->chains.back();
    const auto [place, fresh] =
        places.try_emplace({pre->base, pre->chains.size(), all}, groups_.size());
    if (fresh) groups_.push_back({pre.get(), 0});
    ++groups_[place->second].servers;
  }
}

PreCertificate::Longest PreCertificate::longest(const FinalPrefix& final) const {
  Longest result;
  std::vector<Support> supports;
  std::uint32_t conflicting = 0;
  for (const Group& group : groups_) {
    const Beyond part = beyond(*group.pre, final);
    if (part.fit == Fit::kExtends) supports.push_back({part.entries, group.servers});
    if (part.fit == Fit::kConflicts) conflicting += group.servers;
  }
  result.conflicts = conflicting >= quorum_;
  while (const auto entry = supported(supports, result.entries.size(), quorum_)) {
    const std::size_t at = result.entries.size();
    std::erase_if(supports, [&](const Support& support) {
      return support.sequence.size() <= at || support.sequence[at] != *entry;
    });
    result.entries.push_back(*entry);
  }
  return result;
}

}  // namespace waggle::median
