#include "smr/median/pre_certificate.hpp"

#include <algorithm>
#include <set>

namespace waggle::median {
namespace {

/// The entry that at least `quorum` of the sequences have at `at`, or nothing. A quorum is more
/// than half of them, so that only one entry can be it: the one that is left when different ones
/// are struck out in pairs.
std::optional<Handle> supported(const std::vector<SequenceView>& sequences, std::size_t at,
                                std::uint32_t quorum) {
  Handle left;
  std::uint32_t times = 0;
  for (const SequenceView& sequence : sequences) {
    if (sequence.size() <= at) continue;
    if (times == 0) left = sequence[at];
    if (sequence[at] == left) {
      ++times;
    } else {
      --times;
    }
  }
  const auto supports = [&](const SequenceView& s) { return s.size() > at && s[at] == left; };
  const auto count = std::count_if(sequences.begin(), sequences.end(), supports);
  if (count < static_cast<std::ptrdiff_t>(quorum)) return std::nullopt;
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
  std::set<ReplicaId> servers;
  for (const PrePtr& pre : pres) {
    if (!servers.insert(pre->server).second) return Unexpected{Refusal::kDuplicateSigner};
    if (pre->window != pres.front()->window) return Unexpected{Refusal::kBadCertificate};
  }
  return PreCertificatePtr(new PreCertificate(std::move(pres), quorum));
}

PreCertificate::Longest PreCertificate::longest(const FinalPrefix& final) const {
  Longest result;
  std::vector<SequenceView> sequences;
  std::uint32_t conflicting = 0;
  for (const PrePtr& pre : pres_) {
    const Beyond part = beyond(*pre, final);
    if (part.fit == Fit::kExtends) sequences.push_back(part.entries);
    if (part.fit == Fit::kConflicts) ++conflicting;
  }
  result.conflicts = conflicting >= quorum_;
  while (const auto entry = supported(sequences, result.entries.size(), quorum_)) {
    const std::size_t at = result.entries.size();
    const auto leaves = [&](const SequenceView& s) { return s.size() <= at || s[at] != *entry; };
    sequences.erase(std::remove_if(sequences.begin(), sequences.end(), leaves), sequences.end());
    result.entries.push_back(*entry);
  }
  return result;
}

}  // namespace waggle::median
