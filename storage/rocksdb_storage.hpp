#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "consensus/core/ids.hpp"
#include "storage/storage.hpp"

namespace waggle::storage {

/// Version of the layout in FORMAT.md. A newer one is refused, an older one migrated.
inline constexpr std::uint32_t kFormatVersion = 3;

/// Whose data it is. A replica that runs on another's data would vote twice.
struct Identity {
  Digest chain_id;
  ReplicaId replica;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// What may be done with a directory that holds no data. One that does is opened by kNormal and
/// kRejoin alike.
enum class OpenMode : std::uint8_t {
  /// Nothing: kEmpty. This replica has voted before and must not forget it.
  kNormal,
  /// Start over, and write down (kMeta "origin" = "rejoin") that the memory was lost: until there
  /// is a safety record, every later start has to rejoin as well.
  kRejoin,
  /// The first start of a chain (kMeta "origin" = "create"). kNotEmpty if there is data. A caller
  /// that keeps a mark for this removes it after success; found again together with kNotEmpty,
  /// the mark is a crash's leftover: remove it and open with kNormal.
  kCreate,
};

/// Opens the data directory of a replica: the lock, the database and its identity. Checks the
/// logs record by record, the presence and size of all files, and the checksums of all tables up
/// to 256 MiB; the rest is checked whenever it is read. Creation is atomic.
///
/// The Storage is thread-safe. It holds the directory's lock until it is destroyed; destroying it
/// does not sync what was written without `sync`, and a destroyed Storage leaves no thread behind
/// that uses the files.
///
/// Errors: any StorageError::Kind, with a line that says what was found and what to do.
Outcome<std::unique_ptr<Storage>> open(const std::filesystem::path& path, const Identity& identity,
                                       OpenMode mode);

}  // namespace waggle::storage
