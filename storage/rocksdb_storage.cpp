#include "storage/rocksdb_storage.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include "consensus/core/encoding.hpp"
#include "storage/data_directory.hpp"
#include "storage/log_check.hpp"
#include "storage/rocksdb_options.hpp"

namespace waggle::storage {
namespace {

namespace fs = std::filesystem;
using Kind = StorageError::Kind;

/// Tables up to this size in sum are read and checked at every start.
constexpr std::uint64_t kVerifyOnOpenMax = 256 << 20;

const char* const kIfCorrupt =
    "; do not go on with it: check the disk, move the directory away and start with --rejoin";

rocksdb::Slice slice(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteView view(const rocksdb::Slice& bytes) { return as_bytes({bytes.data(), bytes.size()}); }

StorageError error_of(const rocksdb::Status& status, const fs::path& path) {
  const std::string text = path.string() + ": " + status.ToString();
  if (status.IsCorruption()) return {Kind::kCorrupt, text + kIfCorrupt};
  if (status.IsNoSpace()) return {Kind::kIo, text + "; free disk space and start again"};
  return {Kind::kIo, text + "; check the disk and its permissions"};
}

class RocksdbStorage final : public Storage {
 public:
  explicit RocksdbStorage(DataDirectory directory) : directory_(std::move(directory)) {}
  ~RocksdbStorage() override { close(); }
  RocksdbStorage(const RocksdbStorage&) = delete;
  RocksdbStorage& operator=(const RocksdbStorage&) = delete;

  Outcome<void> open(const fs::path& db, bool create);
  void close() noexcept;
  Outcome<void> check_identity(const Identity& identity) const;
  Outcome<void> check_files() const;
  const DataDirectory& directory() const noexcept { return directory_; }

  Outcome<void> write(const Batch& batch, bool sync) override;
  Outcome<std::optional<Bytes>> get(Family family, ByteView key) const override;
  Outcome<void> scan(Family family, ByteView from, ByteView to,
                     const std::function<bool(ByteView key, ByteView value)>& visit) const override;

 private:
  Outcome<void> check_families(const fs::path& db) const;
  rocksdb::Status apply(const Batch& batch, bool sync);
  StorageError error(const rocksdb::Status& status) const {
    return error_of(status, directory_.path());
  }
  Outcome<void> corrupt(const std::string& what) const {
    return Unexpected{
        StorageError{Kind::kCorrupt, directory_.path().string() + ": " + what + kIfCorrupt}};
  }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_.at(static_cast<std::size_t>(family));
  }

  DataDirectory directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;      ///< By family; owned, destroyed by db_.
  rocksdb::ColumnFamilyHandle* default_handle_ = nullptr;  ///< Must be open; unused.
  std::atomic<bool> failed_ = false;
  std::mutex failure_mutex_;
  std::optional<StorageError> failure_;  ///< Of the first failed write.
};

Outcome<void> RocksdbStorage::check_families(const fs::path& db) const {
  std::vector<std::string> names;
  if (const auto status = rocksdb::DB::ListColumnFamilies(db_options(), db.string(), &names);
      !status.ok()) {
    return Unexpected{error(status)};
  }
  for (const std::string& name : names) {
    bool known = name == rocksdb::kDefaultColumnFamilyName;
    for (std::size_t i = 0; i < kFamilyCount; ++i) known |= name == name_of(Family(i));
    if (!known) {
      return Unexpected{StorageError{
          Kind::kNewerFormat, directory_.path().string() + " holds the unknown family \"" + name +
                                  "\": it was written by a newer version; install that"}};
    }
  }
  return {};
}

Outcome<void> RocksdbStorage::open(const fs::path& db, bool create) {
  if (!create) {
    if (auto checked = check_logs(db); !checked) {
      StorageError error = checked.error();
      if (error.kind == Kind::kCorrupt) error.message += kIfCorrupt;
      return Unexpected{std::move(error)};
    }
    if (auto checked = check_families(db); !checked) return checked;
  }
  rocksdb::DBOptions options = db_options();
  options.create_if_missing = create;
  options.error_if_exists = create;
  const auto cache = make_block_cache();
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const Family family{static_cast<std::uint8_t>(i)};
    families.emplace_back(std::string(name_of(family)), family_options(family, cache));
  }
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(Family::kMeta, cache));
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, db.string(), families, &handles_, &opened);
      !status.ok()) {
    return Unexpected{error(status)};
  }
  db_.reset(opened);
  default_handle_ = handles_.back();
  handles_.pop_back();
  return {};
}

void RocksdbStorage::close() noexcept {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* family : handles_) db_->DestroyColumnFamilyHandle(family);
  handles_.clear();
  db_->DestroyColumnFamilyHandle(default_handle_);
  db_->Close().PermitUncheckedError();
  db_.reset();
}

Outcome<void> RocksdbStorage::check_identity(const Identity& identity) const {
  const auto format = get(Family::kMeta, as_bytes("format"));
  const auto chain = get(Family::kMeta, as_bytes("chain"));
  const auto replica = get(Family::kMeta, as_bytes("replica"));
  for (const auto* part : {&format, &chain, &replica}) {
    if (!*part) return Unexpected{part->error()};
    if (!part->value()) return corrupt("it does not say whose it is");
  }
  Reader format_reader(**format);
  const std::uint32_t version = format_reader.u32();
  if (!format_reader.done() || version == 0) return corrupt("its format version is unreadable");
  const std::string path = directory_.path().string();
  if (version > kFormatVersion) {
    return Unexpected{StorageError{
        Kind::kNewerFormat, path + " has format " + std::to_string(version) +
                                ", this version knows up to " + std::to_string(kFormatVersion) +
                                ": install the version that wrote it"}};
  }
  Reader chain_reader(**chain);
  const auto found_chain = chain_reader.fixed<Digest>();
  Reader replica_reader(**replica);
  const ReplicaId found = replica_reader.replica();
  if (!chain_reader.done() || !replica_reader.done()) return corrupt("its owner is unreadable");
  if (found_chain == identity.chain_id && found == identity.replica) return {};
  return Unexpected{StorageError{Kind::kWrongOwner,
                                 path + " belongs to replica " + std::to_string(found.value) +
                                     " of chain " + short_hex(found_chain) + ", this is replica " +
                                     std::to_string(identity.replica.value) + " of chain " +
                                     short_hex(identity.chain_id) +
                                     ": give each replica its own data directory"}};
}

/// What RocksDB itself looks at only when it happens to read it.
Outcome<void> RocksdbStorage::check_files() const {
  std::uint64_t table_bytes = 0;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    rocksdb::ColumnFamilyMetaData meta;
    db_->GetColumnFamilyMetaData(handle(Family(i)), &meta);
    table_bytes += meta.size;
    for (const rocksdb::BlobMetaData& blob : meta.blob_files) {
      const fs::path file = directory_.db() / fs::path(blob.blob_file_name).relative_path();
      std::error_code error;
      const auto size = fs::file_size(file, error);
      if (error || size != blob.blob_file_size) {
        return corrupt(file.string() + " is missing or has not its size");
      }
    }
  }
  if (table_bytes > kVerifyOnOpenMax) return {};
  if (const auto status = db_->VerifyChecksum(); !status.ok()) return Unexpected{error(status)};
  return {};
}

rocksdb::Status RocksdbStorage::apply(const Batch& batch, bool sync) {
  if (batch.empty()) return sync ? db_->SyncWAL() : rocksdb::Status::OK();
  // Room for keys, values and lengths, so that a payload is copied once.
  rocksdb::WriteBatch changes(batch.bytes() + 32 * batch.ops().size() + 16);
  for (const Batch::Op& op : batch.ops()) {
    rocksdb::Status status;
    if (!op.value) {
      status = changes.Delete(handle(op.family), slice(op.key));
    } else {
      const rocksdb::Slice key = slice(op.key);
      const rocksdb::Slice value[] = {slice(*op.value),
                                      op.tail ? slice(*op.tail) : rocksdb::Slice()};
      status = changes.Put(handle(op.family), {&key, 1}, {value, 2});
    }
    if (!status.ok()) return status;
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  return db_->Write(options, &changes);
}

Outcome<void> RocksdbStorage::write(const Batch& batch, bool sync) {
  if (!failed_) {
    const auto status = apply(batch, sync);
    if (status.ok()) return {};
    const std::lock_guard lock(failure_mutex_);
    if (!failure_) failure_ = error(status);
    failed_ = true;
  }
  const std::lock_guard lock(failure_mutex_);
  return Unexpected{*failure_};
}

Outcome<std::optional<Bytes>> RocksdbStorage::get(Family family, ByteView key) const {
  rocksdb::PinnableSlice value;
  const auto status = db_->Get(rocksdb::ReadOptions(), handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>();
  if (!status.ok()) return Unexpected{error(status)};
  const ByteView bytes = view(value);
  return std::optional<Bytes>(std::in_place, bytes.begin(), bytes.end());
}

Outcome<void> RocksdbStorage::scan(
    Family family, ByteView from, ByteView to,
    const std::function<bool(ByteView key, ByteView value)>& visit) const {
  if (!to.empty() &&
      !std::lexicographical_compare(from.begin(), from.end(), to.begin(), to.end())) {
    return {};
  }
  rocksdb::ReadOptions options;
  const rocksdb::Slice end = slice(to);
  if (!to.empty()) options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, handle(family)));
  for (at->Seek(slice(from)); at->Valid(); at->Next()) {
    if (!visit(view(at->key()), view(at->value()))) return {};
  }
  if (!at->status().ok()) return Unexpected{error(at->status())};
  return {};
}

Outcome<void> create(const DataDirectory& directory, RocksdbStorage& fresh,
                     const Identity& identity, std::string_view origin) {
  const auto place = directory.prepare();
  if (!place) return Unexpected{place.error()};
  if (auto opened = fresh.open(*place, true); !opened) return opened;
  Batch batch;
  batch.put(Family::kMeta, to_bytes("format"), Writer().u32(kFormatVersion).take());
  batch.put(Family::kMeta, to_bytes("chain"), Writer().fixed(identity.chain_id).take());
  batch.put(Family::kMeta, to_bytes("replica"), Writer().replica(identity.replica).take());
  batch.put(Family::kMeta, to_bytes("origin"), to_bytes(origin));
  auto written = fresh.write(batch, true);
  fresh.close();
  if (!written) return written;
  return directory.publish();
}

Unexpected<StorageError> empty_error(const fs::path& path) {
  return Unexpected{StorageError{
      Kind::kEmpty, path.string() +
                        " holds no data: if the chain has run on this replica before, find its "
                        "directory or let it rejoin; if never, create a new one"}};
}

}  // namespace

Outcome<std::unique_ptr<Storage>> open(const fs::path& path, const Identity& identity,
                                       OpenMode mode) {
  auto directory = DataDirectory::open(path, mode != OpenMode::kNormal);
  if (!directory) {
    if (directory.error().kind == Kind::kEmpty) return empty_error(path);
    return Unexpected{directory.error()};
  }
  const bool has_data = directory->has_data();
  if (!has_data && mode == OpenMode::kNormal) return empty_error(path);
  if (has_data && mode == OpenMode::kCreate) {
    return Unexpected{
        StorageError{Kind::kNotEmpty, path.string() + " holds data already: start without --init"}};
  }
  auto storage = std::make_unique<RocksdbStorage>(std::move(*directory));
  if (!has_data) {
    const auto origin = mode == OpenMode::kRejoin ? "rejoin" : "create";
    if (auto created = create(storage->directory(), *storage, identity, origin); !created) {
      return Unexpected{created.error()};
    }
  }
  if (auto opened = storage->open(storage->directory().db(), false); !opened) {
    return Unexpected{opened.error()};
  }
  if (auto checked = storage->check_identity(identity); !checked) {
    return Unexpected{checked.error()};
  }
  if (auto checked = storage->check_files(); !checked) return Unexpected{checked.error()};
  return std::unique_ptr<Storage>(std::move(storage));
}

}  // namespace waggle::storage
