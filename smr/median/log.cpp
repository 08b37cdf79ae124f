#include "smr/median/log.hpp"

#include <algorithm>

namespace waggle::median {

bool less(Entry a, Entry b, const CommandTable& table, Choices::Order order) {
  if (order != Choices::Order::kCommandOnly && a.stamp() != b.stamp()) {
    return a.stamp() < b.stamp();
  }
  return order != Choices::Order::kStampOnly && table.less(a.handle(), b.handle());
}

std::size_t common_prefix(LogView a, LogView b) noexcept {
  const std::size_t shorter = std::min(a.size(), b.size());
  const Entry* const x = a.data();
  const Entry* const y = b.data();
  const auto differ = [x, y](std::size_t i) { return x[i].word() ^ y[i].word(); };
  std::size_t i = 0;
  // Four at a time: most of what is compared is equal.
  while (i + 4 <= shorter && (differ(i) | differ(i + 1) | differ(i + 2) | differ(i + 3)) == 0) {
    i += 4;
  }
  while (i < shorter && differ(i) == 0) ++i;
  return i;
}

bool less(LogView a, LogView b, const CommandTable& table, Choices::Order order) {
  return less(a, b, common_prefix(a, b), table, order);
}

bool less(LogView a, LogView b, std::size_t common, const CommandTable& table,
          Choices::Order order) {
  std::size_t i = common;
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

Answer answer(LogView log, std::uint64_t last, Handle command, const CommandTable& table) {
  const std::uint64_t number = table.number(table.slot(command));
  if (number == last) return Answer::kCommitted;
  if (number != last + 1) return Answer::kIgnore;
  return position_of(log, command) < log.size() ? Answer::kIgnore : Answer::kAmplify;
}

}  // namespace waggle::median
