#include "smr/replica/result_rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "smr/replica/layout.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;
using storage::Outcome;

void ResultRows::begin_request(const ClientId& client) {
  client_ = client;
  open_ = false;
}

void ResultRows::add(std::uint64_t number, ByteView result) {
  if (!open_ || runs_.back().last() + 1 != number) runs_.push_back({client_, number, {}});
  runs_.back().results.emplace_back(result.begin(), result.end());
  open_ = true;
}

/// A block may hold many requests and end as many sessions: each run is looked up once.
void ResultRows::erase_expired(std::span<const ResultRange> expired) {
  std::map<std::pair<ClientId, std::uint64_t>, std::uint64_t> ranges;  // client, first -> last
  for (const ResultRange& range : expired) {
    std::uint64_t& last = ranges[{range.client, range.first}];
    last = std::max(last, range.last);
  }
  std::erase_if(runs_, [&ranges](const Run& run) {
    const auto above = ranges.upper_bound({run.client, run.last()});
    if (above == ranges.begin()) return false;
    const auto& [from, last] = *std::prev(above);
    return from.first == run.client && run.last() <= last;
  });
}

Outcome<void> ResultRows::finish(const storage::Storage& storage,
                                 std::span<const ResultRange> expired, storage::Batch& batch) {
  erase_expired(expired);
  for (const ResultRange& range : expired) {
    const auto scanned = storage.scan(
        Family::kResults, storage::big_endian_key(range.client.view(), range.first),
        storage::big_endian_key(range.client.view(), range.last + 1), [&](ByteView key, ByteView) {
          batch.erase(Family::kResults, Bytes(key.begin(), key.end()));
          return true;
        });
    if (!scanned) return Unexpected{scanned.error()};
  }
  for (Run& run : runs_) {
    Bytes key =
        layout::results_key(run.client, run.last(), static_cast<std::uint32_t>(run.results.size()));
    batch.put(Family::kResults, std::move(key),
              layout::encode(layout::StoredResults{block_.view(), block_.height(), block_.id,
                                                   std::move(run.results)}));
  }
  return {};
}

Outcome<std::vector<Committed>> find_results(const storage::Storage& storage,
                                             const ClientId& client, std::uint64_t first,
                                             std::uint64_t last) {
  std::vector<Committed> found;
  bool decoded = true;
  const auto visit = [&](ByteView key, ByteView value) {
    const auto row = layout::decode_results(key, value);
    if (!row) return decoded = false;
    if (row->first > last) return false;
    Committed answer{client, row->stored.view, row->stored.height, row->stored.block, {}};
    for (std::size_t i = 0; i < row->stored.results.size(); ++i) {
      const std::uint64_t number = row->first + i;
      if (number < first || number > last) continue;
      answer.results.push_back({number, row->stored.results[i]});
    }
    found.push_back(std::move(answer));
    return row->first + row->stored.results.size() <= last;
  };
  const auto scanned = storage.scan(Family::kResults, storage::big_endian_key(client.view(), first),
                                    storage::prefix_end(client.view()), visit);
  if (!scanned) return Unexpected{scanned.error()};
  if (!decoded) {
    return Unexpected{storage::StorageError{storage::StorageError::Kind::kCorrupt,
                                            "the results of a client do not decode"}};
  }
  return found;
}

}  // namespace waggle::smr
