#include "smr/median/merge.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::median {

void Merger::merge(std::span<const LogView> chosen, LogView appended, Log& out) {
  ENSURE(!chosen.empty());
  if (++epoch_ == 0) marks_.clear(), epoch_ = 1;
  marks_.resize(table_.slots());
  shared_.assign(chosen.size() * chosen.size(), kUnknown);
  const std::size_t middle = median_of(chosen);
  const LogView median = chosen[middle];

  // What a log shares with the median in front holds nothing new, and what stands behind that is
  // not in it: only the rest has to be looked at. An append request may name anything.
  std::size_t shared = appended.empty() ? median.size() : 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i != middle) shared = std::min(shared, shared_prefix(chosen, middle, i));
  }
  mark(median.subspan(shared));
  gathered_.clear();
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i == middle) continue;
    const std::size_t known = shared_prefix(chosen, middle, i);
    gather(chosen[i].subspan(known), median.subspan(known));
  }
  gather(appended, {});
  out.assign(median.begin(), median.end());
  append_gathered(out);
}

/// Index of the log that stands in the middle of the sorted ones.
std::size_t Merger::median_of(std::span<const LogView> chosen) {
  ranks_.clear();
  for (std::uint32_t i = 0; i < chosen.size(); ++i) {
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      const std::size_t same = shared_prefix(chosen, a, b);
      return less(chosen[a], chosen[b], same, table_, choices_.order);
    };
    ranks_.insert(std::upper_bound(ranks_.begin(), ranks_.end(), i, before), i);
  }
  return ranks_[(ranks_.size() - 1) / 2];
}

/// common_prefix() of two of the chosen logs, found once.
std::size_t Merger::shared_prefix(std::span<const LogView> chosen, std::size_t a, std::size_t b) {
  std::size_t& known = shared_[std::min(a, b) * chosen.size() + std::max(a, b)];
  if (known == kUnknown) known = common_prefix(chosen[a], chosen[b]);
  return known;
}

void Merger::mark(LogView entries) {
  for (const Entry entry : entries) {
    marks_[table_.slot(entry.handle()).value] = {epoch_, entry.handle()};
  }
}

/// Notes the entries that the log lacks, clashes among them. `beside` is a part of the log: what
/// stands at the same place there needs no look-up, and most of it does.
void Merger::gather(LogView entries, LogView beside) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry entry = entries[i];
    if (i < beside.size() && beside[i] == entry) continue;
    const Mark& seen = marks_[table_.slot(entry.handle()).value];
    if (seen.epoch != epoch_ || seen.handle != entry.handle()) gathered_.push_back(entry);
  }
}

void Merger::append_gathered(Log& out) {
  const auto before = [this](Entry a, Entry b) { return less(a, b, table_, choices_.order); };
  if (choices_.order == Choices::Order::kStampThenCommand) {
    std::sort(gathered_.begin(), gathered_.end(), before);
  } else {  // of entries that tie, the one gathered first comes first
    std::stable_sort(gathered_.begin(), gathered_.end(), before);
  }
  for (const Entry entry : gathered_) {
    const Slot slot = table_.slot(entry.handle());
    Mark& seen = marks_[slot.value];
    if (seen.epoch != epoch_) {
      seen = {epoch_, entry.handle()};
      out.push_back(entry);
    } else if (seen.handle != entry.handle() && choices_.null_clashes) {
      clash(slot, out);
    } else if (seen.handle != entry.handle() && position_of(out, entry.handle()) == out.size()) {
      out.push_back(entry);  // Algorithm 3 knows of no clashes
    }
  }
}

/// Algorithm 5: whatever the log holds of this slot becomes its null entry.
void Merger::clash(Slot slot, Log& out) {
  Mark& seen = marks_[slot.value];
  const Handle null = table_.null_of(slot);
  if (seen.handle == null) return;
  const std::size_t at = position_of(out, seen.handle);
  ENSURE(at < out.size());
  out[at] = Entry(null, out[at].stamp());
  seen.handle = null;
}

}  // namespace waggle::median
