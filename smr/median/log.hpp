#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smr/median/choices.hpp"
#include "smr/median/command_table.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::median {

/// One entry of a log: a command, or a null entry, with the round in which it was first appended.
/// One word, so that logs are compared and copied like memory.
class Entry {
 public:
  constexpr Entry() = default;
  constexpr Entry(Handle handle, Round stamp) : word_((stamp << kHandleBits) | handle.value) {}

  constexpr Handle handle() const noexcept {
    return {static_cast<std::uint32_t>(word_ & ((1u << kHandleBits) - 1))};
  }
  constexpr Round stamp() const noexcept { return word_ >> kHandleBits; }
  /// At least `age` rounds old in round `now`.
  constexpr bool aged(Round now, std::uint32_t age) const noexcept { return stamp() + age <= now; }
  friend constexpr bool operator==(Entry, Entry) = default;

 private:
  static constexpr int kHandleBits = 25;
  std::uint64_t word_ = 0;
};

/// A log holds each command once.
using Log = std::vector<Entry>;
using LogView = std::span<const Entry>;

/// Whether `a` comes before `b` in the chosen order (7.1).
bool less(Entry a, Entry b, const CommandTable& table, Choices::Order order);

/// Length of the longest common prefix.
std::size_t common_prefix(LogView a, LogView b) noexcept;

/// Lexicographic order; a prefix is smaller than what it is a prefix of.
bool less(LogView a, LogView b, const CommandTable& table, Choices::Order order);

/// Where the entry with this command stands, or the log's length.
std::size_t position_of(LogView log, Handle handle) noexcept;

/// Length of the longest prefix whose entries are all at least `age` rounds old in round `now`.
std::size_t aged_prefix(LogView log, Round now, std::uint32_t age) noexcept;

}  // namespace waggle::median
