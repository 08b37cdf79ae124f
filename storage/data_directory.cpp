#include "storage/data_directory.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace waggle::storage {
namespace {

namespace fs = std::filesystem;
using Kind = StorageError::Kind;

Unexpected<StorageError> io_error(const fs::path& path, const char* what, int code) {
  return Unexpected{StorageError{
      Kind::kIo, path.string() + ": " + what + ": " + std::generic_category().message(code)}};
}

/// Makes names that were added to or renamed in a directory survive a power cut.
Outcome<void> sync_directory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_error(path, "cannot open", errno);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return io_error(path, "cannot sync", failed);
  return {};
}

fs::path parent_of(const fs::path& path) {
  const fs::path parent = fs::absolute(path).lexically_normal().parent_path();
  return parent.filename().empty() ? parent.parent_path() : parent;
}

Outcome<void> make_directory(const fs::path& path) {
  std::error_code error;
  if (!fs::create_directories(path, error)) {
    if (error) return io_error(path, "cannot create", error.value());
    return {};  // It was there: its mode is its owner's choice.
  }
  fs::permissions(path, fs::perms::owner_all, error);
  if (error) return io_error(path, "cannot set its mode", error.value());
  return sync_directory(parent_of(path));
}

}  // namespace

Outcome<DataDirectory> DataDirectory::open(fs::path path, bool create) {
  if (create) {
    if (auto made = make_directory(path); !made) return Unexpected{made.error()};
  }
  const fs::path name = path / "lock";
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 && errno == ENOENT) {
    return Unexpected{StorageError{Kind::kEmpty, path.string() + " does not exist"}};
  }
  if (fd < 0) return io_error(name, "cannot open", errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    ::close(fd);
    if (code != EWOULDBLOCK) return io_error(name, "cannot lock", code);
    return Unexpected{StorageError{
        Kind::kLocked, path.string() + " is in use: stop the other replica process, or give "
                                       "this one its own data directory"}};
  }
  return DataDirectory(std::move(path), fd);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

bool DataDirectory::has_data() const {
  std::error_code error;
  // In doubt there is data: what is wrong with it shows when it is opened.
  return fs::exists(db(), error) || error;
}

Outcome<fs::path> DataDirectory::prepare() const {
  fs::path place = path_ / "db.new";
  std::error_code error;
  fs::remove_all(place, error);
  if (error) return io_error(place, "cannot remove", error.value());
  return place;
}

Outcome<void> DataDirectory::publish() const {
  std::error_code error;
  fs::rename(path_ / "db.new", db(), error);
  if (error) return io_error(db(), "cannot create", error.value());
  return sync_directory(path_);
}

}  // namespace waggle::storage
