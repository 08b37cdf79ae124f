#include "smr/median/merge.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::median {

void Merger::merge(std::span<const LogView> chosen, LogView appended, Log& out) {
  ENSURE(!chosen.empty());
  begin(chosen.size());
  const std::size_t middle = median_of(chosen);
  const LogView median = chosen[middle];

  // What a log shares with the median in front holds nothing new, and what stands behind that is
  // not in it: only the rest has to be looked at.
  std::size_t shared = median.size();
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i != middle) shared = std::min(shared, shared_prefix(chosen, middle, i));
  }
  if (choices_.guards.found_by_command) mark(median.subspan(shared));
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i == middle) continue;
    const std::size_t same = shared_prefix(chosen, middle, i);
    if (choices_.guards.found_by_command) {
      gather(chosen[i].subspan(same));
    } else {
      gather_by_place(chosen[i], median, same);
    }
  }
  out.assign(median.data(), median.data() + median.size());
  if (!choices_.guards.stamps_kept) {  // planted
    for (Entry& entry : out) entry = Entry(entry.handle(), 0);
    for (Entry& entry : gathered_) entry = Entry(entry.handle(), 0);
  }
  gather_requests(appended, median.first(shared));
  append_gathered(out);
}

/// Forgets what the last merge noted.
void Merger::begin(std::size_t logs) {
  if (++epoch_ == 0) {  // once in four billion merges
    seen_.clear();
    epoch_ = 1;
  }
  null_entries_ = table_.commands();
  seen_.resize(table_.commands() + table_.slots());
  shared_.assign(logs * logs, kUnknown);
  gathered_.clear();
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

/// Where `seen_` has the entry.
std::size_t Merger::place(Handle handle) const noexcept {
  return handle.index() + (handle.is_null() ? null_entries_ : 0);
}

void Merger::mark(LogView entries) {
  std::uint32_t* const seen = seen_.data();  // these two loops are where the time goes
  for (const Entry entry : entries) seen[place(entry.handle())] = epoch_;
}

/// Notes the entries that the log lacks.
void Merger::gather(LogView entries) {
  const std::uint32_t* const seen = seen_.data();
  for (const Entry entry : entries) {
    if (seen[place(entry.handle())] != epoch_) gathered_.push_back(entry);
  }
}

/// Only planted: the log has a command only where the other one has it.
void Merger::gather_by_place(LogView log, LogView median, std::size_t from) {
  for (std::size_t i = from; i < log.size(); ++i) {
    const bool has = i < median.size() && median[i].handle() == log[i].handle();
    if (!has) gathered_.push_back(log[i]);
  }
}

/// An append request may name anything, what stands in the shared part too. There are few.
void Merger::gather_requests(LogView requests, LogView shared) {
  for (const Entry entry : requests) {
    const Handle handle = entry.handle();
    const Handle null = table_.null_of(table_.slot(handle));
    const auto holds_it = [=](Entry e) { return e.handle() == handle || e.handle() == null; };
    if (std::none_of(shared.begin(), shared.end(), holds_it)) gathered_.push_back(entry);
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
    std::uint32_t& seen_in = seen_[place(entry.handle())];
    if (seen_in == epoch_) continue;  // another log had it, too
    seen_in = epoch_;
    if (!choices_.null_clashes || !clashes(entry, out)) out.push_back(entry);
  }
}

/// Algorithm 5: if the log holds another entry of the same client and number, that becomes the
/// null entry of both.
bool Merger::clashes(Entry entry, Log& out) {
  const Slot slot = table_.slot(entry.handle());
  const Handle null = table_.null_of(slot);
  if (seen_[place(null)] == epoch_ && entry.handle() != null) return true;
  // Nearly always this is the only command of its client and number that there is.
  if (!entry.handle().is_null() && table_.commands_of(slot) == 1) return false;
  for (Entry& held : out) {
    if (table_.slot(held.handle()) != slot) continue;
    held = Entry(null, held.stamp());
    seen_[place(null)] = epoch_;
    return true;
  }
  return false;
}

}  // namespace waggle::median
