#include "sim/rounds/checker/seals.hpp"

#include <algorithm>
#include <functional>

namespace waggle::sim::rounds {

void SealChecker::on_commit(std::uint64_t window, std::uint32_t server, std::uint64_t length) {
  std::uint64_t& longest = windows_[window].commits[server];
  longest = std::max(longest, length);
  news_.insert(window);
}

void SealChecker::on_final(std::uint64_t round, std::uint32_t node) {
  join(round, node, "the final prefix of a server");
}

void SealChecker::after_round(std::uint64_t round) {
  for (const std::uint64_t window : news_) judge(round, window, windows_[window]);
  news_.clear();
  constexpr std::size_t kWindowsKept = 64;  // nobody keeps what he signed for so long
  while (windows_.size() > kWindowsKept) windows_.erase(windows_.begin());
}

/// The longest that a majority's COMMITs reach; its contents are what a majority's PREs begin with.
void SealChecker::judge(std::uint64_t round, std::uint64_t window, Signed& of) {
  if (of.commits.size() < majority_) return;
  std::vector<std::uint64_t> lengths;
  for (const auto& [server, length] : of.commits) lengths.push_back(length);
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  const std::uint64_t sealed = lengths[majority_ - 1];
  if (sealed <= of.sealed) return;
  of.sealed = sealed;
  std::map<std::uint32_t, std::uint32_t> support;
  for (std::uint32_t node : of.pres) {
    while (lineage_.length(node) > sealed) node = lineage_.parent(node);
    if (lineage_.length(node) < sealed || ++support[node] != majority_) continue;
    join(round, node, "what COMMITs of window " + std::to_string(window) + " cover");
  }
}

void SealChecker::join(std::uint64_t round, std::uint32_t node, const std::string& what) {
  line_.on_state(0, round, node);
  if (line_.holds()) return;
  complain(round, what + ", " + std::to_string(lineage_.length(node)) +
                      " entries, is no prefix of what else is sealed, nor goes on from it");
}

}  // namespace waggle::sim::rounds
