#include "consensus/chained/vote_collector.hpp"

#include <algorithm>

namespace waggle::chained {

VoteCollector::Added VoteCollector::add(ReplicaId voter, View view, const Digest& block,
                                        const Signature& signature, View current) {
  std::vector<Kept>& own = votes_.at(voter.value);
  const auto at = std::lower_bound(own.begin(), own.end(), view,
                                   [](const Kept& kept, View v) { return kept.view < v; });
  if (at != own.end() && at->view == view) return {nullptr, Refusal::kDuplicate};
  own.insert(at, Kept{view, block, signature});
  Added added;
  const bool full = own.size() > kVotesPerReplica ||
                    (own.size() > 1 && strikes(buggify_, Place::kVotesForgotten));
  if (full) {
    const View given_up = own.front().view;
    own.erase(own.begin());
    const bool of_use = given_up.next() >= current;
    if (of_use || given_up == view) {
      added.refused = of_use ? Refusal::kTooMany : Refusal::kStaleView;
    }
    if (given_up == view) return added;
  }

  QuorumCert qc{view, block, {}};
  for (std::uint32_t id = 0; id < config_.n(); ++id) {
    for (const Kept& kept : votes_[id]) {
      if (kept.view != view || kept.block != block) continue;
      qc.signatures.push_back({ReplicaId{id}, kept.signature});
    }
  }
  if (qc.signatures.size() == config_.quorum()) {
    added.qc = std::make_shared<const QuorumCert>(std::move(qc));
  }
  return added;
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
