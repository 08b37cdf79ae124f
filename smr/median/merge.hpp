#pragma once

#include <span>
#include <vector>

#include "smr/median/choices.hpp"
#include "smr/median/log.hpp"

namespace waggle::median {

/// Algorithm 3, the part that every rule for logs shares. Holds scratch memory that grows with the
/// table; one serves all servers of a world, one after the other. The table outlives it.
class Merger {
 public:
  Merger(const CommandTable& table, const Choices& choices) : table_(table), choices_(choices) {}

  /// `out` becomes the lexicographic median of the chosen logs, the lower one of an even number,
  /// followed by every command of the others and of `appended` that it lacks: sorted, and once,
  /// with the stamp that sorts first. Two different commands of one (client, number) leave one
  /// null entry, where the first stood (Algorithm 5). `out` is none of the chosen logs.
  void merge(std::span<const LogView> chosen, LogView appended, Log& out);

 private:
  static constexpr std::size_t kUnknown = SIZE_MAX;

  void begin(std::size_t logs);
  std::size_t median_of(std::span<const LogView> chosen);
  std::size_t shared_prefix(std::span<const LogView> chosen, std::size_t a, std::size_t b);
  std::size_t place(Handle handle) const noexcept;
  void mark(LogView entries);
  void gather(LogView entries);
  void gather_by_place(LogView log, LogView median, std::size_t from);
  void gather_requests(LogView requests, LogView shared);
  void append_gathered(Log& out);
  bool clashes(Entry entry, Log& out);

  const CommandTable& table_;
  Choices choices_;
  /// The epoch in which the log was last seen to hold a command, behind what all share; by the
  /// command's index, and behind all commands, null entries by slot.
  std::vector<std::uint32_t> seen_;
  std::size_t null_entries_ = 0;
  std::uint32_t epoch_ = 0;
  Log gathered_;
  std::vector<std::uint32_t> ranks_;
  std::vector<std::size_t> shared_;  ///< By pair of chosen logs.
};

}  // namespace waggle::median
