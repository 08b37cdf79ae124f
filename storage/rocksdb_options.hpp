#pragma once

#include <memory>

#include "storage/storage.hpp"

namespace rocksdb {
class Cache;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace waggle::storage {

/// How RocksDB is set up: memory bounded to some 30 MB (2 after opening, 20 to 30 under load), two
/// background threads, no file that grows while nobody writes, and on recovery every check that
/// its version 7.8 offers.
rocksdb::DBOptions db_options();
/// What all families of one database share.
std::shared_ptr<rocksdb::Cache> make_block_cache();
rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace waggle::storage
