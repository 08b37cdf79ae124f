#include "smr/median/pre_certificate.hpp"

#include <algorithm>
#include <set>

namespace waggle::median {
namespace {

/// The entry that at least `quorum` of the sequences have at `at`, or nothing.
std::optional<Handle> supported(const std::vector<SequenceView>& sequences, std::size_t at,
                                std::uint32_t quorum) {
  std::vector<std::uint32_t> found;
  for (const SequenceView& sequence : sequences) {
    if (sequence.size() > at) found.push_back(sequence[at].value);
  }
  if (found.size() < quorum) return std::nullopt;
  std::sort(found.begin(), found.end());
  for (std::size_t i = 0; i + quorum <= found.size(); ++i) {
    if (found[i] == found[i + quorum - 1]) return Handle{found[i]};
  }
  return std::nullopt;
}

}  // namespace

Beyond beyond(const Pre& pre, const FinalPrefix& final, const Hashing& hashing) {
  if (pre.base > final.length) return {Fit::kUnknown, {}};
  const std::uint64_t skipped = final.length - pre.base;
  if (skipped > pre.entries.size()) return {Fit::kShorter, {}};
  const SequenceView entries = pre.entries;
  const Digest chain = hashing.extend(pre.base_chain, entries.first(skipped));
  if (chain != final.chain) return {Fit::kConflicts, {}};
  return {Fit::kExtends, entries.subspan(skipped)};
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

PreCertificate::Longest PreCertificate::longest(const FinalPrefix& final,
                                                const Hashing& hashing) const {
  Longest result;
  std::vector<SequenceView> sequences;
  std::uint32_t conflicting = 0;
  for (const PrePtr& pre : pres_) {
    const Beyond part = beyond(*pre, final, hashing);
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
