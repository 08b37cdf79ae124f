#include "smr/median/sealed_log.hpp"

#include <algorithm>

namespace waggle::median {
namespace {

/// Logs that a median takes: l, or a majority where that is fewer. Two servers have no three logs,
/// and of three one may be down.
std::size_t logs_needed(const Parameters& parameters) {
  return parameters.asks_everyone() ? std::min(parameters.l, parameters.majority()) : parameters.l;
}

}  // namespace

void SealedLog::round(std::span<LogView> replies, LogView appended, Merger& merger, Rng& rng) {
  chosen_.clear();
  if (replies.size() < logs_needed(parameters_)) {
    chosen_.push_back(log_);
  } else {
    for (const LogView& reply : draw_replies(parameters_, replies, rng)) chosen_.push_back(reply);
  }
  merger.merge(chosen_, appended, next_);
  log_.swap(next_);
}

void SealedLog::fit(const FinalPtr& final, const Lock& lock) {
  if (final != final_) ++generation_;
  final_ = final;
  locked_.clear();
  next_.clear();
  for (const LockEntry& locked : lock.entries()) {
    locked_.push_back(table_.slot(locked.handle).value);
    // Its stamp is of no consequence behind the lock, but logs are compared by stamps.
    const std::size_t at = position_of(log_, locked.handle);
    next_.emplace_back(locked.handle, at < log_.size() ? log_[at].stamp() : 0);
  }
  std::sort(locked_.begin(), locked_.end());
  for (const Entry entry : log_) {
    const Slot slot = table_.slot(entry.handle());
    const bool clashes_with_lock = std::binary_search(locked_.begin(), locked_.end(), slot.value);
    if (!clashes_with_lock && !is_final(slot)) next_.push_back(entry);
  }
  log_.swap(next_);
}

Sequence SealedLog::aged_behind(const Lock& lock, Round now) const {
  const LogView behind = LogView(log_).subspan(lock.entries().size());
  Sequence result;
  for (const Entry entry : behind.first(aged_prefix(behind, now, parameters_.T))) {
    result.push_back(entry.handle());
  }
  return result;
}

/// Its client's number has passed it; the dummy's always has.
bool SealedLog::is_final(Slot slot) {
  const std::uint32_t client = table_.client(slot);
  if (client >= numbers_.size()) numbers_.resize(table_.clients());
  Known& known = numbers_[client];
  if (known.generation != generation_) {
    known = {generation_, final_->number(table_.client_id(client))};
  }
  return table_.number(slot) <= known.number;
}

}  // namespace waggle::median
