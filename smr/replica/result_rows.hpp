#pragma once

#include <functional>
#include <span>
#include <vector>

#include "smr/replica/execution.hpp"
#include "storage/storage.hpp"

/// Family kResults: one row for the results of a request's consecutive commands, as far as one
/// block executed them. A number of a client is in at most one row: in the one with the lowest key
/// at or above it, if that begins at or below it (storage/FORMAT.md).
namespace waggle::smr {

/// The rows of one block on their way into a batch. Belongs to one thread.
class ResultRows {
 public:
  explicit ResultRows(const Block& block) : block_(block) {}

  /// Commands of one request follow, or of another one.
  void begin_request(const ClientId& client);
  /// Of the request's next command that was executed; numbers rise.
  void add(std::uint64_t number, ByteView result);
  /// Everything into the batch. Then the rows that end in one of these ranges are taken out, of
  /// this block and of those before. Ranges of one client do not overlap.
  storage::Outcome<void> finish(const storage::Storage& storage,
                                std::span<const ResultRange> expired, storage::Batch& batch);

 private:
  struct Run {
    ClientId client;
    std::uint64_t first = 0;
    std::vector<Bytes> results;
    std::uint64_t last() const { return first + results.size() - 1; }
  };

  void erase_expired(std::span<const ResultRange> expired);

  const Block& block_;
  ClientId client_;
  bool open_ = false;  ///< The last run may go on.
  std::vector<Run> runs_;
};

/// What is kept of the numbers first .. last of a client, rising: one answer for each row.
storage::Outcome<std::vector<Committed>> find_results(const storage::Storage& storage,
                                                      const ClientId& client, std::uint64_t first,
                                                      std::uint64_t last);

}  // namespace waggle::smr
