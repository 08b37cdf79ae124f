#include "smr/median/log.hpp"

#include <algorithm>

namespace waggle::median {

bool less(Entry a, Entry b, const CommandTable& table, Choices::Order order) {
  if (order == Choices::Order::kStampThenCommand && a.stamp() != b.stamp()) {
    return a.stamp() < b.stamp();
  }
  return table.less(a.handle(), b.handle());
}

std::size_t common_prefix(LogView a, LogView b) noexcept {
  const std::size_t shorter = std::min(a.size(), b.size());
  const auto end = a.begin() + static_cast<std::ptrdiff_t>(shorter);
  return static_cast<std::size_t>(std::mismatch(a.begin(), end, b.begin()).first - a.begin());
}

bool less(LogView a, LogView b, const CommandTable& table, Choices::Order order) {
  std::size_t i = common_prefix(a, b);
  if (order == Choices::Order::kCommandOnly) {
    while (i < a.size() && i < b.size() && a[i].handle() == b[i].handle()) ++i;
  }
  if (i == a.size() || i == b.size()) return a.size() < b.size();
  return less(a[i], b[i], table, order);
}

std::size_t position_of(LogView log, Handle handle) noexcept {
  const auto same = [handle](Entry entry) { return entry.handle() == handle; };
  return static_cast<std::size_t>(std::find_if(log.begin(), log.end(), same) - log.begin());
}

std::size_t aged_prefix(LogView log, Round now, std::uint32_t age) noexcept {
  const auto young = [now, age](Entry entry) { return !entry.aged(now, age); };
  return static_cast<std::size_t>(std::find_if(log.begin(), log.end(), young) - log.begin());
}

}  // namespace waggle::median
