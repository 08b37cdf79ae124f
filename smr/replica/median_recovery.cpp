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
  auto end = read_executed(storage, hasher);
  if (!end) return Unexpected{end.error()};
  found.position = end->position;
  const auto installed = storage.get(Family::kMeta, as_bytes(layout::kInstalledKey));
  if (!installed) return Unexpected{installed.error()};
  if (!*installed) return found;
  auto final = layout::decode_final(**installed, n / 2 + 1, hasher);
  if (!final) return Unexpected{layout::corrupt("the installed final prefix does not decode")};
  if (final->length == found.position.height.value) {
    found.installed = std::make_shared<const median::FinalPrefix>(std::move(*final));
  }
  return found;
}

}  // namespace waggle::smr
