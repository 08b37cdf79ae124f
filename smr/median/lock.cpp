#include "smr/median/lock.hpp"

#include <algorithm>

namespace waggle::median {

Sequence Lock::sequence() const {
  Sequence result;
  for (const LockEntry& entry : entries_) result.push_back(entry.handle);
  return result;
}

bool Lock::file(Window w, SequenceView certified, const SealingGuards& guards) {
  if (!guards.lock) return false;
  const std::vector<LockEntry> before = entries_;
  std::size_t d = 0;
  while (d < entries_.size() && d < certified.size() && entries_[d].handle == certified[d]) ++d;
  if (guards.marks) {
    for (std::size_t i = 0; i < d; ++i) entries_[i].mark = std::max(entries_[i].mark, w);  // a
  }
  if (d < certified.size()) {
    const bool both_go_on = d < entries_.size();
    const bool newer = both_go_on && (w > entries_[d].mark || !guards.newer_replaces);
    if (newer) entries_.resize(d);                              // c
    if (!both_go_on || newer) append(certified.subspan(d), w);  // b, c
  } else if (!guards.lock_not_shortened) {
    entries_.resize(d);
  }
  return entries_ != before;
}

void Lock::append(SequenceView rest, Window w) {
  for (const Handle handle : rest) entries_.push_back({handle, w});
}

void Lock::follow(const FinalPrefix& before, const FinalPrefix& after, const Hashing& hashing) {
  const std::uint64_t covered = after.length - before.length;
  if (covered >= entries_.size()) return entries_.clear();
  Digest chain = before.chain;
  for (std::size_t i = 0; i < covered; ++i) chain = hashing.extend(chain, entries_[i].handle);
  if (chain != after.chain) return entries_.clear();
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(covered));
}

bool Lock::holds_mark(Window w) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [w](const LockEntry& entry) { return entry.mark == w; });
}

}  // namespace waggle::median
