#include "smr/replica/stored_state.hpp"

#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;

std::optional<Bytes> StoredState::get(ByteView key) const {
  if (const auto changed = changes_.find(key); changed != changes_.end()) return changed->second;
  auto found = storage_.get(Family::kState, key);
  if (found) return std::move(*found);
  failure_ = found.error();
  return std::nullopt;
}

void StoredState::scan(ByteView prefix, std::optional<ByteView> start_after,
                       const Visit& visit) const {
  // Merges two ordered runs: what storage holds and what changed since.
  Bytes from(prefix.begin(), prefix.end());
  if (start_after && !app::BytesLess{}(*start_after, prefix)) {
    from.assign(start_after->begin(), start_after->end());
    from.push_back(0);  // the smallest key above it
  }
  auto changed = changes_.lower_bound(from);
  const auto in_reach = [&] {
    return changed != changes_.end() && app::has_prefix(changed->first, prefix);
  };
  bool more = true;
  const auto visit_changes_up_to = [&](const ByteView* limit) {
    while (more && in_reach() && (limit == nullptr || app::BytesLess{}(changed->first, *limit))) {
      if (changed->second) more = visit(changed->first, *changed->second);
      ++changed;
    }
  };
  const auto scanned = storage_.scan(
      Family::kState, from, storage::prefix_end(prefix), [&](ByteView key, ByteView value) {
        visit_changes_up_to(&key);
        if (more && in_reach() &&
            std::equal(key.begin(), key.end(), changed->first.begin(), changed->first.end())) {
          if (changed->second) more = visit(key, *changed->second);
          ++changed;
        } else if (more) {
          more = visit(key, value);
        }
        return more;
      });
  if (!scanned) failure_ = scanned.error();
  visit_changes_up_to(nullptr);
}

std::optional<Digest> StoredState::element_of(ByteView key) const {
  if (const Digest* known = elements_.find(key)) return *known;
  const auto value = get(key);
  if (!value) return std::nullopt;
  return digest_.element(key, *value);
}

void StoredState::put(ByteView key, ByteView value) {
  if (const auto before = element_of(key)) digest_.remove(*before);
  const Digest element = digest_.element(key, value);
  digest_.add(element);
  elements_.keep(key, element);
  changes_.insert_or_assign(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
}

bool StoredState::erase(ByteView key) {
  const auto before = element_of(key);
  if (!before) return false;
  digest_.remove(*before);
  elements_.forget(key);
  changes_.insert_or_assign(Bytes(key.begin(), key.end()), std::nullopt);
  return true;
}

void StoredState::take_changes(storage::Batch& batch) {
  for (auto& [key, value] : changes_) {
    if (value) {
      batch.put(Family::kState, key, std::move(*value));
    } else {
      batch.erase(Family::kState, key);
    }
  }
  changes_.clear();
}

}  // namespace waggle::smr
