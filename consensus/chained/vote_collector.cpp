#include "consensus/chained/vote_collector.hpp"

#include <algorithm>

namespace waggle::chained {

QcPtr VoteCollector::add(ReplicaId voter, View view, const Digest& block,
                         const Signature& signature) {
  std::vector<Kept>& own = votes_.at(voter.value);
  const auto at = std::lower_bound(own.begin(), own.end(), view,
                                   [](const Kept& kept, View v) { return kept.view < v; });
  if (at != own.end() && at->view == view) return nullptr;
  own.insert(at, Kept{view, block, signature});
  const bool full = own.size() > kVotesPerReplica ||
                    (own.size() > 1 && strikes(buggify_, Place::kVotesForgotten));
  if (full) own.erase(own.begin());

  QuorumCert qc{view, block, {}};
  for (std::uint32_t id = 0; id < config_.n(); ++id) {
    for (const Kept& kept : votes_[id]) {
      if (kept.view != view || kept.block != block) continue;
      qc.signatures.push_back({ReplicaId{id}, kept.signature});
    }
  }
  if (qc.signatures.size() != config_.quorum()) return nullptr;
  return std::make_shared<const QuorumCert>(std::move(qc));
}

std::vector<ReplicaId> VoteCollector::voters(View view, const Digest& block) const {
  std::vector<ReplicaId> found;
  for (std::uint32_t id = 0; id < config_.n(); ++id) {
    for (const Kept& kept : votes_[id]) {
      if (kept.view == view && kept.block == block) found.push_back(ReplicaId{id});
    }
  }
  return found;
}

}  // namespace waggle::chained
