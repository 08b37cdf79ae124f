#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/storage.hpp"

namespace waggle::storage {

/// Storage in memory that can crash like a disk: for tests and the deterministic world.
/// It is a log as a disk's is: a synced write makes everything before it durable, a crash keeps
/// a prefix of the unsynced writes. Deterministic, and shares payloads instead of copying them.
/// Thread-safe under one mutex; clone() and crash() too.
class MemoryStorage final : public Storage {
 public:
  MemoryStorage() = default;

  Outcome<void> write(const Batch& batch, bool sync) override;
  Outcome<std::optional<Bytes>> get(Family family, ByteView key) const override;
  Outcome<void> scan(Family family, ByteView from, ByteView to,
                     const std::function<bool(ByteView key, ByteView value)>& visit) const override;

  /// Batches written since the last synced one.
  std::size_t unsynced() const;
  /// What a power cut leaves: everything synced, and the first `keep_unsynced_prefix` unsynced
  /// batches (all, if there are fewer), which are durable from now on. The disk works again.
  void crash(std::size_t keep_unsynced_prefix = 0);
  /// After `successes` further writes every write fails, until crash(). A failed write changes
  /// nothing that can be read.
  void fail_writes(std::size_t successes = 0);
  /// A copy that lives on by itself, unsynced writes and failures included. Copies keys, shares
  /// values.
  std::unique_ptr<MemoryStorage> clone() const;

 private:
  struct Less {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const noexcept {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    }
  };
  struct Value {
    SharedBytes head;
    SharedBytes tail;  ///< May be null.
    Bytes joined() const;
  };
  using Map = std::map<Bytes, Value, Less>;
  /// What a key held before a change.
  struct Undo {
    Family family;
    Bytes key;
    std::optional<Value> before;
  };

  void apply(const Batch::Op& op, std::vector<Undo>& undo);
  void revert(const std::vector<Undo>& undo);
  Map& map_of(Family family) { return maps_.at(static_cast<std::size_t>(family)); }
  const Map& map_of(Family family) const { return maps_.at(static_cast<std::size_t>(family)); }

  mutable std::recursive_mutex mutex_;  ///< Recursive, because scan's visitor may read.
  std::array<Map, kFamilyCount> maps_;
  std::vector<std::vector<Undo>> unsynced_;  ///< One entry per unsynced batch, oldest first.
  std::optional<std::size_t> writes_until_failure_;
  mutable int scans_ = 0;  ///< Scans that are under way.
};

}  // namespace waggle::storage
