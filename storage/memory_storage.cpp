#include "storage/memory_storage.hpp"

#include <utility>

#include "consensus/core/ensure.hpp"

namespace waggle::storage {

Bytes MemoryStorage::Value::joined() const {
  Bytes bytes = *head;
  if (tail) bytes.insert(bytes.end(), tail->begin(), tail->end());
  return bytes;
}

Outcome<void> MemoryStorage::write(const Batch& batch, bool sync) {
  const std::lock_guard lock(mutex_);
  ENSURE(scans_ == 0, "a scan's visitor must not write");
  if (writes_until_failure_) {
    if (*writes_until_failure_ == 0) {
      return Unexpected{StorageError{StorageError::Kind::kIo, "the disk fails by order"}};
    }
    --*writes_until_failure_;
  }
  std::vector<Undo> undo;
  undo.reserve(batch.ops().size());
  for (const Batch::Op& op : batch.ops()) apply(op, undo);
  if (sync) {
    unsynced_.clear();
  } else if (!undo.empty()) {
    unsynced_.push_back(std::move(undo));
  }
  return {};
}

void MemoryStorage::apply(const Batch::Op& op, std::vector<Undo>& undo) {
  Map& map = map_of(op.family);
  const auto found = map.find(ByteView{op.key});
  const bool present = found != map.end();
  undo.push_back({op.family, op.key, present ? std::optional(found->second) : std::nullopt});
  if (op.value) {
    map.insert_or_assign(op.key, Value{std::make_shared<const Bytes>(*op.value), op.tail});
  } else if (present) {
    map.erase(found);
  }
}

void MemoryStorage::revert(const std::vector<Undo>& undo) {
  for (auto step = undo.rbegin(); step != undo.rend(); ++step) {
    if (step->before) {
      map_of(step->family).insert_or_assign(step->key, *step->before);
    } else {
      map_of(step->family).erase(step->key);
    }
  }
}

Outcome<std::optional<Bytes>> MemoryStorage::get(Family family, ByteView key) const {
  const std::lock_guard lock(mutex_);
  const Map& map = map_of(family);
  const auto found = map.find(key);
  if (found == map.end()) return std::optional<Bytes>();
  return std::optional(found->second.joined());
}

Outcome<void> MemoryStorage::scan(
    Family family, ByteView from, ByteView to,
    const std::function<bool(ByteView key, ByteView value)>& visit) const {
  const std::lock_guard lock(mutex_);
  const Map& map = map_of(family);
  ++scans_;
  for (auto at = map.lower_bound(from); at != map.end(); ++at) {
    if (!to.empty() && !Less{}(at->first, to)) break;
    const bool go_on = at->second.tail ? visit(at->first, at->second.joined())
                                       : visit(at->first, *at->second.head);
    if (!go_on) break;
  }
  --scans_;
  return {};
}

std::size_t MemoryStorage::unsynced() const {
  const std::lock_guard lock(mutex_);
  return unsynced_.size();
}

void MemoryStorage::crash(std::size_t keep_unsynced_prefix) {
  const std::lock_guard lock(mutex_);
  ENSURE(scans_ == 0, "a scan's visitor must not write");
  while (unsynced_.size() > keep_unsynced_prefix) {
    revert(unsynced_.back());
    unsynced_.pop_back();
  }
  unsynced_.clear();
  writes_until_failure_.reset();
}

void MemoryStorage::fail_writes(std::size_t successes) {
  const std::lock_guard lock(mutex_);
  writes_until_failure_ = successes;
}

std::unique_ptr<MemoryStorage> MemoryStorage::clone() const {
  const std::lock_guard lock(mutex_);
  auto copy = std::make_unique<MemoryStorage>();
  copy->maps_ = maps_;
  copy->unsynced_ = unsynced_;
  copy->writes_until_failure_ = writes_until_failure_;
  return copy;
}

}  // namespace waggle::storage
