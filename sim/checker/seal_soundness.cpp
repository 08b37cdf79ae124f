#include "sim/checker/seal_soundness.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"

namespace waggle::sim {
namespace {

/// Windows whose COMMITs are remembered. Late ones are no news: they only repeat what is sealed.
constexpr std::size_t kRemembered = 64;

}  // namespace

void SealSoundness::on_said(ReplicaId, const median::Message& message) {
  const auto* commit = std::get_if<median::Commit>(&message);
  if (commit == nullptr) return;
  auto& by_server = commits_[commit->window];
  median::Commit& held = by_server[commit->server];
  if (held.length >= commit->length) return;
  held = *commit;
  std::vector<median::Commit> longest;
  for (const auto& [server, one] : by_server) longest.push_back(one);
  while (commits_.size() > kRemembered) commits_.erase(commits_.begin());
  const std::size_t majority = stage_.n / 2 + 1;
  if (longest.size() < majority) return;
  std::sort(longest.begin(), longest.end(),
            [](const auto& a, const auto& b) { return a.length > b.length; });
  const median::Commit& shortest = longest[majority - 1];
  judge(shortest.length, {shortest.root, shortest.window, now()});
}

void SealSoundness::on_sealed(ReplicaId, std::span<const median::Sealed> entries,
                              const smr::Executed&) {
  for (const median::Sealed& entry : entries) {
    if (entry.position != count()) continue;
    append(entry.applies ? *entry.entry.digest : hasher_.hash({domain::kNullLeaf}));
  }
  const auto due = pending_.upper_bound(count());
  const std::multimap<std::uint64_t, Sealed> judged(pending_.begin(), due);
  pending_.erase(pending_.begin(), due);
  for (const auto& [length, sealed] : judged) judge(length, sealed);
}

void SealSoundness::on_seal_proof(ReplicaId server, const certificate::ProvenSeal& proven) {
  const Digest leaf = command_leaf(proven.client, proven.number, proven.command, hasher_);
  if (proven.position < count() && levels_[0][proven.position] == leaf) return;
  fail(told(server) + " proves " + told(now()) + " command " + std::to_string(proven.number) +
       " of client " + short_hex(proven.client) + " at position " +
       std::to_string(proven.position) + ", where another entry executed");
}

void SealSoundness::judge(std::uint64_t length, const Sealed& sealed) {
  if (length > count()) {
    pending_.emplace(length, sealed);
    return;
  }
  if (forest(length).root(hasher_) == sealed.root) return;
  fail("COMMITs of window " + std::to_string(sealed.window) + " seal " + told(sealed.at) +
       " another sequence of " + std::to_string(length) + " entries than was executed");
}

void SealSoundness::append(const Digest& leaf) {
  Digest node = leaf;
  for (std::size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    levels_[level].push_back(node);
    const std::size_t size = levels_[level].size();
    if (size % 2 == 1) return;
    node = merkle_node(levels_[level][size - 2], levels_[level][size - 1], hasher_);
  }
}

/// The first so many leaves, by the nodes over them, largest tree first.
Forest SealSoundness::forest(std::uint64_t length) const {
  Writer writer;
  writer.u64(length);
  std::uint64_t covered = 0;
  for (int level = 63; level >= 0; --level) {
    if ((length >> level) % 2 == 0) continue;
    writer.fixed(levels_[static_cast<std::size_t>(level)][covered >> level]);
    covered += std::uint64_t{1} << level;
  }
  Reader reader(writer.bytes());
  return Forest::decode(reader);
}

certificate::ForestPath SealSoundness::path(std::uint64_t position, std::uint64_t length) const {
  const auto node = [this](unsigned level, std::uint64_t index) { return levels_[level][index]; };
  return certificate::make_forest_path(forest(length), position, node);
}

}  // namespace waggle::sim
