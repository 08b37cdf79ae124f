#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/result.hpp"

namespace waggle::storage {

/// What lies in a replica's data directory; one RocksDB column family each (FORMAT.md).
enum class Family : std::uint8_t {
  kMeta,      ///< Format version, chain id, replica id, executed position.
  kSafety,    ///< The core's safety record.
  kBlocks,    ///< Block id -> block and the forest before it.
  kHeights,   ///< Executed height -> block id, view and commands so far.
  kCommands,  ///< Client, number -> where the command lies in the chain.
  kSessions,  ///< Client -> session window.
  kResults,   ///< Client, number -> result.
  kState,     ///< The state machine's own keys.
  kEvidence,  ///< Proof of equivocation.
};
inline constexpr std::size_t kFamilyCount = 9;
/// Lower case, "meta" .. "evidence"; the name on disk.
std::string_view name_of(Family family) noexcept;

/// A disk's refusal. Fatal to the replica: it stops before it claims anything unsynced.
struct StorageError {
  enum class Kind : std::uint8_t {
    kIo,           ///< Read, write or sync failed; the disk may be full.
    kCorrupt,      ///< Stored bytes do not match their checksum or do not decode.
    kWrongOwner,   ///< The directory belongs to another replica or chain.
    kNewerFormat,  ///< Written by a newer version.
    kEmpty,        ///< No data, where the chain is known to run.
    kNotEmpty,     ///< Data, where a new chain was to be started.
    kLocked,       ///< Another process has the directory open.
  };
  Kind kind;
  std::string message;  ///< What was seen and what to do, in one line.
};

/// The kind in snake_case ("wrong_owner"), as logs and metrics show it.
std::string_view to_string(StorageError::Kind kind) noexcept;

template <class T>
using Outcome = Result<T, StorageError>;

/// Changes that become visible and durable together or not at all.
class Batch {
 public:
  struct Op {
    Family family;
    Bytes key;
    std::optional<Bytes> value;  ///< Nothing: erase.
    SharedBytes tail;  ///< Appended to the value: a payload handed on without a copy; may be null.
  };
  void put(Family family, Bytes key, Bytes value, SharedBytes tail = nullptr) {
    bytes_ += key.size() + value.size() + (tail ? tail->size() : 0);
    ops_.push_back({family, std::move(key), std::move(value), std::move(tail)});
  }
  void erase(Family family, Bytes key) {
    bytes_ += key.size();
    ops_.push_back({family, std::move(key), std::nullopt, nullptr});
  }
  /// Puts the other's changes behind the own ones; of two changes to one key the later counts.
  void append(Batch other) {
    for (Op& op : other.ops_) ops_.push_back(std::move(op));
    bytes_ += other.bytes_;
  }
  bool empty() const noexcept { return ops_.empty(); }
  /// Keys, values and tails, in bytes.
  std::size_t bytes() const noexcept { return bytes_; }
  const std::vector<Op>& ops() const noexcept { return ops_; }

 private:
  std::vector<Op> ops_;
  std::size_t bytes_ = 0;
};

/// An ordered key-value store per family. Thread-safe. After a failed write every further write
/// fails with the same error: what is on disk is then unknown.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Applies a batch atomically: visible on return, and with `sync` durable on return together
  /// with every write before it. Without `sync` a crash loses it or keeps it whole, and never
  /// keeps a later write without it. An empty batch with `sync` is a barrier.
  virtual Outcome<void> write(const Batch& batch, bool sync) = 0;
  virtual Outcome<std::optional<Bytes>> get(Family family, ByteView key) const = 0;
  /// Calls `visit` for keys in [from, to) in byte order until it returns false; an empty `to`
  /// means no upper end. `visit` may read from the storage and must not write to it; the views
  /// hold until it returns.
  virtual Outcome<void> scan(
      Family family, ByteView from, ByteView to,
      const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
};

}  // namespace waggle::storage
