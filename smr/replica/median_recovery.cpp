#include "smr/replica/median_recovery.hpp"

#include "smr/replica/sealed_layout.hpp"

namespace waggle::smr {

using storage::Family;

storage::Outcome<RecoveredMedian> recover_median(const storage::Storage& storage,
                                                 const Hasher& hasher, std::uint32_t n) {
  RecoveredMedian found;
  const auto rows = storage.scan(Family::kSafety, {}, {}, [&](ByteView key, ByteView value) {
    found.rows.push_back({Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end())});
    return true;
  });
  if (!rows) return Unexpected{rows.error()};
  auto end = read_executed(storage, hasher, n);
  if (!end) return Unexpected{end.error()};
  found.position = end->position;
  if (end->final) {
    found.executed = std::make_shared<const median::FinalPrefix>(std::move(*end->final));
  }
  return found;
}

}  // namespace waggle::smr
