#include "consensus/chained/fetcher.hpp"

#include <algorithm>

namespace waggle::chained {

void Fetcher::want(const Digest& block, ReplicaId source) {
  if (config_.n() == 1 || wanted_.contains(block)) return;
  const auto named = std::count_if(wanted_.begin(), wanted_.end(), [&](const auto& entry) {
    return entry.second.named_by == source;
  });
  if (static_cast<std::size_t>(named) >= kWantedPerSource) return;
  Wanted wanted;
  wanted.named_by = source;
  wanted.source = source;
  if (source == self_) {  // Any other; the retry goes round.
    wanted.source = ReplicaId{(self_.value + 1) % config_.n()};
  }
  if (strikes(buggify_, Place::kFetchElsewhere)) wanted.source = any_other();
  wanted_.emplace(block, wanted);
}

bool Fetcher::expects(const Digest& block, ReplicaId from) const {
  const auto found = wanted_.find(block);
  return found != wanted_.end() && found->second.due.contains(from);
}

void Fetcher::on_answer(const Digest& block, ReplicaId from, std::optional<Height> connected) {
  const auto found = wanted_.find(block);
  if (found == wanted_.end()) return;
  Wanted& wanted = found->second;
  wanted.due.erase(from);
  if (connected && *connected > wanted.above) {
    wanted.asked = false;
    wanted.failures = 0;
    wanted.above = *connected;
  } else {
    wanted.above = Height{0};  // The next one is asked from our committed head upwards.
  }
}

void Fetcher::on_retry() {
  for (auto& [block, wanted] : wanted_) {
    if (!wanted.asked) continue;
    wanted.asked = false;
    wanted.above = Height{0};
    ++wanted.failures;
    // Whoever named the block every other time: it may be the only one to have it.
    const ReplicaId other = any_other();
    const bool back = wanted.failures % 2 == 0 && wanted.named_by != self_;
    wanted.source = back ? wanted.named_by : other;
  }
  std::erase_if(wanted_, [&](const auto& entry) {
    return entry.second.failures >= kRoundsMax * config_.n();
  });
}

bool Fetcher::settled(const Digest& block, const BlockTree& tree) const {
  const Node* node = tree.find(block);
  if (node == nullptr) return tree.is_committed(block);
  return node->connected() || tree.leaves_committed(node);
}

std::vector<Fetcher::Question> Fetcher::questions(const BlockTree& tree) {
  std::erase_if(wanted_, [&](const auto& entry) { return settled(entry.first, tree); });
  std::vector<Question> questions;
  for (auto& [block, wanted] : wanted_) {
    if (wanted.asked) continue;
    wanted.asked = true;
    wanted.due.insert(wanted.source);
    const Height above = std::max(wanted.above, tree.head()->height());
    const std::uint32_t count = strikes(buggify_, Place::kFetchOne) ? 1 : kBranchBlocksMax;
    questions.push_back({wanted.source, {block, above, count}});
  }
  return questions;
}

}  // namespace waggle::chained
