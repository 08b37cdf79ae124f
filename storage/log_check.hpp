#pragma once

#include <filesystem>

#include "storage/storage.hpp"

namespace waggle::storage {

/// Checks the logs of a closed database, record by record, before RocksDB replays them: its
/// manifest and its write-ahead logs.
///
/// RocksDB takes several kinds of bit rot for the torn end of a log, and then drops, without a
/// word, everything behind it: votes that were synced. A flipped length field or type near the
/// end is enough. This check accepts one kind of damage only, that of a crash during the last
/// append: the last record of a log is cut off at the end of the file (or the file ends in
/// zeros that a file system had reserved), and no later log continues as if nothing were
/// missing. Everything else is kCorrupt, with file and offset. In doubt it stops.
///
/// `db` is the database's folder, with nobody using it. Reads files, changes nothing.
Outcome<void> check_logs(const std::filesystem::path& db);

}  // namespace waggle::storage
