#include "smr/app/memory_state_store.hpp"

namespace waggle::app {

std::optional<Bytes> MemoryStateStore::get(ByteView key) const {
  const auto found = pairs_.find(key);
  if (found == pairs_.end()) return std::nullopt;
  return found->second;
}

void MemoryStateStore::scan(ByteView prefix, std::optional<ByteView> start_after,
                            const Visit& visit) const {
  auto next = pairs_.lower_bound(prefix);
  if (start_after && !BytesLess{}(*start_after, prefix)) next = pairs_.upper_bound(*start_after);
  for (; next != pairs_.end() && has_prefix(next->first, prefix); ++next) {
    if (!visit(next->first, next->second)) return;
  }
}

void MemoryStateStore::put(ByteView key, ByteView value) {
  const auto found = pairs_.find(key);
  if (found == pairs_.end()) {
    pairs_.emplace(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
  } else {
    digest_.remove(key, found->second);
    found->second.assign(value.begin(), value.end());
  }
  digest_.add(key, value);
}

bool MemoryStateStore::erase(ByteView key) {
  const auto found = pairs_.find(key);
  if (found == pairs_.end()) return false;
  digest_.remove(found->first, found->second);
  pairs_.erase(found);
  return true;
}

}  // namespace waggle::app
