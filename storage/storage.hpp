#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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
  kHeights,   ///< Committed height -> block id.
  kSessions,  ///< Client -> session window.
  kResults,   ///< Client, number -> result.
  kState,     ///< The state machine's own keys.
  kEvidence,  ///< Proof of equivocation.
};
inline constexpr std::size_t kFamilyCount = 8;
std::string_view name_of(Family family) noexcept;

/// A disk's refusal. Fatal to the replica: it stops before it claims anything unsynced.
struct StorageError {
  enum class Kind : std::uint8_t {
    kIo,           ///< Read, write or sync failed; the disk may be full.
    kCorrupt,      ///< Stored bytes do not match their checksum or do not decode.
    kWrongOwner,   ///< The directory belongs to another replica or chain.
    kNewerFormat,  ///< Written by a newer version.
    kEmpty,        ///< No data, where the chain is known to run.
    kLocked,       ///< Another process has the directory open.
  };
  Kind kind;
  std::string message;  ///< What was seen and what to do, in one line.
};

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
    ops_.push_back({family, std::move(key), std::move(value), std::move(tail)});
  }
  void erase(Family family, Bytes key) {
    ops_.push_back({family, std::move(key), std::nullopt, nullptr});
  }
  void append(Batch other) {
    for (Op& op : other.ops_) ops_.push_back(std::move(op));
  }
  bool empty() const noexcept { return ops_.empty(); }
  const std::vector<Op>& ops() const noexcept { return ops_; }

 private:
  std::vector<Op> ops_;
};

/// An ordered key-value store per family. Thread-safe. After a failed write every further write
/// fails: what is on disk is then unknown.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Applies a batch atomically. With `sync` it is durable on return.
  virtual Outcome<void> write(const Batch& batch, bool sync) = 0;
  virtual Outcome<std::optional<Bytes>> get(Family family, ByteView key) const = 0;
  /// Calls `visit` for keys in [from, to) in byte order until it returns false; an empty `to`
  /// means no upper end.
  virtual Outcome<void> scan(Family family, ByteView from, ByteView to,
                             const std::function<bool(ByteView key, ByteView value)>& visit)
      const = 0;
};

}  // namespace waggle::storage
