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
  /// The whole entry; equal for equal entries only.
  constexpr std::uint64_t word() const noexcept { return word_; }
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
/// The same, of logs whose common prefix is known to have this length.
bool less(LogView a, LogView b, std::size_t common, const CommandTable& table,
          Choices::Order order);

/// Where the entry with this command stands, or the log's length.
std::size_t position_of(LogView log, Handle handle) noexcept;

/// Length of the longest prefix whose entries are all at least `age` rounds old in round `now`.
std::size_t aged_prefix(LogView log, Round now, std::uint32_t age) noexcept;

/// What a server that holds a log does about a client's command.
enum class Answer : std::uint8_t {
  kAmplify,    ///< Send append requests with the command and the current round.
  kCommitted,  ///< Tell the client that it is committed.
  kIgnore,
};

/// Algorithm 5, the box for client commands; `last` is sn(c), the number of the client's last
/// committed command. Ignores what is not its next one, or is in the log.
Answer answer(LogView log, std::uint64_t last, Handle command, const CommandTable& table);

}  // namespace waggle::median
