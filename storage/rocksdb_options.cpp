#include "storage/rocksdb_options.hpp"

#include <algorithm>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

namespace waggle::storage {
namespace {

constexpr std::size_t kMiB = 1 << 20;

bool has_lz4() {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
}

}  // namespace

rocksdb::DBOptions db_options() {
  rocksdb::DBOptions options;
  options.create_missing_column_families = true;

  // Stop on whatever is not as it was written. Of the recovery modes: point-in-time, RocksDB's
  // default, silently drops synced writes behind a damaged record; absolute consistency does
  // not start after a crash during an append. check_logs() covers what this one overlooks.
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_bgerror_resume_count = 0;  // A failed write is final; the replica stops.

  // Memory and threads.
  options.db_write_buffer_size = 12 * kMiB;
  options.max_total_wal_size = 32 * kMiB;
  options.max_open_files = 128;
  options.table_cache_numshardbits = 2;
  options.max_background_jobs = 2;
  options.max_file_opening_threads = 1;
  options.compaction_readahead_size = 256 << 10;
  options.enable_pipelined_write = false;

  // Files that would grow by themselves.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = kMiB;
  options.keep_log_file_num = 2;
  options.max_manifest_file_size = 16 * kMiB;
  return options;
}

std::shared_ptr<rocksdb::Cache> make_block_cache() {
  rocksdb::LRUCacheOptions options;
  options.capacity = 8 * kMiB;
  options.num_shard_bits = 2;
  return rocksdb::NewLRUCache(options);
}

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 2 * kMiB;
  options.max_write_buffer_number = 3;
  options.target_file_size_base = 16 * kMiB;
  options.max_bytes_for_level_base = 64 * kMiB;
  options.compression = has_lz4() ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  options.paranoid_file_checks = true;  // Reads back what a flush or compaction has written.
  options.force_consistency_checks = true;

  if (family == Family::kBlocks) {
    // Random keys and large values: kept out of the tree, a payload is written to the log and to
    // a blob file, and not again at every compaction. Blob garbage collection stays off: it would
    // move a quarter of all blobs at every compaction. Blocks are pruned in the order in which
    // they came, and a blob file goes with the last of its blocks.
    options.write_buffer_size = 4 * kMiB;
    options.enable_blob_files = true;
    options.min_blob_size = 1 << 10;
    options.blob_file_size = 64 * kMiB;
  }
  if (family == Family::kState) {
    // Overwritten all the time: what is dropped in memory or at one late compaction is not written
    // again and again. Reads are rare, and filters spare most tables.
    options.level0_file_num_compaction_trigger = 8;
    options.write_buffer_size = 4 * kMiB;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace waggle::storage
