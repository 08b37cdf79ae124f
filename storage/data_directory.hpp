#pragma once

#include <filesystem>
#include <string>

#include "storage/storage.hpp"

namespace waggle::storage {

/// A replica's data directory: who may use it, and whether there is anything in it.
///
///   lock     held (flock) while a process uses the directory
///   db/      the database; there once it is complete, identity included
///   db.new/  a database that is being created; removed when found
///
/// Owns the lock from open() to destruction. Not thread-safe.
class DataDirectory {
 public:
  /// Makes the directory (mode 0700) if `create`, and takes the lock. kEmpty when it is absent
  /// and not to be made, kLocked when another process, or this one, has it open.
  static Outcome<DataDirectory> open(std::filesystem::path path, bool create);
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  bool has_data() const;
  std::filesystem::path db() const { return path_ / "db"; }
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Where to create a database: an empty place, what an earlier attempt left is removed.
  Outcome<std::filesystem::path> prepare() const;
  /// Makes the created database, closed by now, the directory's own: atomic and durable.
  Outcome<void> publish() const;

 private:
  DataDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace waggle::storage
