#include "smr/median/seal.hpp"

#include <algorithm>
#include <set>

namespace waggle::median {
namespace {

void longest_first(std::vector<Commit>& commits) {
  std::stable_sort(commits.begin(), commits.end(),
                   [](const Commit& a, const Commit& b) { return a.length > b.length; });
}

}  // namespace

Result<SealPtr, Refusal> Seal::make(std::vector<Commit> commits, std::uint32_t quorum) {
  if (commits.empty() || commits.size() < quorum) return Unexpected{Refusal::kTooFewSigners};
  std::set<ReplicaId> servers;
  for (const Commit& commit : commits) {
    if (!servers.insert(commit.server).second) return Unexpected{Refusal::kDuplicateSigner};
    if (commit.window != commits.front().window) return Unexpected{Refusal::kBadCertificate};
  }
  longest_first(commits);
  return SealPtr(new Seal(std::move(commits)));
}

bool CommitTally::add(const Commit& commit) {
  const auto [held, fresh] = windows_[commit.window].try_emplace(commit.server, commit);
  if (fresh) return true;
  if (commit.length <= held->second.length) return false;
  held->second = commit;
  return true;
}

/// COMMITs of the window that are longer than that.
std::uint32_t CommitTally::longer(Window window, std::uint64_t beyond) const {
  const auto found = windows_.find(window);
  if (found == windows_.end()) return 0;
  return static_cast<std::uint32_t>(
      std::count_if(found->second.begin(), found->second.end(),
                    [beyond](const auto& held) { return held.second.length > beyond; }));
}

SealPtr CommitTally::best(Window window, std::uint64_t beyond) const {
  if (windows_apart_ && longer(window, beyond) < quorum_) return nullptr;
  std::vector<Commit> commits = of(window);
  if (!windows_apart_) {  // planted: COMMITs of any window count for this one
    for (const auto& [other, by_server] : windows_) {
      for (const auto& [server, commit] : by_server) {
        commits.push_back(commit);
        commits.back().window = window;
      }
    }
  }
  longest_first(commits);
  std::set<ReplicaId> servers;
  const auto repeated = [&servers](const Commit& c) { return !servers.insert(c.server).second; };
  commits.erase(std::remove_if(commits.begin(), commits.end(), repeated), commits.end());
  if (commits.size() < quorum_) return nullptr;
  commits.resize(quorum_);
  if (commits.back().length <= beyond) return nullptr;
  return *Seal::make(std::move(commits), quorum_);
}

std::vector<Commit> CommitTally::of(Window window) const {
  std::vector<Commit> result;
  const auto found = windows_.find(window);
  if (found == windows_.end()) return result;
  for (const auto& [server, commit] : found->second) result.push_back(commit);
  return result;
}

}  // namespace waggle::median
