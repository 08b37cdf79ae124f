#include "net/source_guard.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::net {

namespace {
constexpr std::size_t kSourcesMax = 65'536;
}

void SourceGuard::refill(Entry& entry, Time now) const {
  if (entry.failures == 0) {
    entry.refilled = now;
    return;
  }
  const auto back = (now - entry.refilled) / limits_.failure_refill;
  const auto forgiven = std::min<std::int64_t>(back, entry.failures);
  entry.failures -= static_cast<std::uint32_t>(forgiven);
  entry.refilled += forgiven * limits_.failure_refill;
}

bool SourceGuard::admit(const Source& source, Time now) {
  if (total_ >= limits_.total_max) return false;
  const auto found = entries_.find(source);
  if (found == entries_.end()) {
    if (entries_.size() >= kSourcesMax) return false;
    entries_[source] = {.open = 1, .failures = 0, .refilled = now};
  } else {
    refill(found->second, now);
    if (found->second.open >= limits_.source_max) return false;
    if (found->second.failures >= limits_.failures_burst) return false;
    ++found->second.open;
  }
  ++total_;
  return true;
}

void SourceGuard::release(const Source& source) {
  const auto found = entries_.find(source);
  ENSURE(found != entries_.end() && found->second.open > 0 && total_ > 0);
  --found->second.open;
  --total_;
}

void SourceGuard::failed(const Source& source, Time now) {
  if (entries_.size() >= kSourcesMax && !entries_.contains(source)) return;
  Entry& entry = entries_[source];
  refill(entry, now);
  // Twice the burst at most: however long it went on, it is over in a bounded time.
  if (entry.failures < 2 * limits_.failures_burst) ++entry.failures;
}

void SourceGuard::sweep(Time now) {
  for (auto item = entries_.begin(); item != entries_.end();) {
    Entry& entry = item->second;
    refill(entry, now);
    const bool forgotten = entry.open == 0 && entry.failures == 0;
    item = forgotten ? entries_.erase(item) : std::next(item);
  }
}

}  // namespace waggle::net
