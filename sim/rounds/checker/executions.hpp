#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/rounds/checker/complaint.hpp"
#include "sim/rounds/checker/lineage.hpp"

namespace waggle::sim::rounds {

/// Judges the sequence that all agree on: every command in it was submitted; of each client
/// numbers count once, rising and without gaps, so that a command executes exactly when its number
/// is the next one; a null entry stands only for a number under which two commands were submitted;
/// and what a client was told of has executed at the server that told it.
class ExecutionChecker final : public Checker {
 public:
  ExecutionChecker() : Checker("exactly_once") {}

  void on_submitted(std::uint32_t client, std::uint64_t number, std::uint32_t command) {
    submitted_[{client, number}].insert(command);
  }
  /// The sequence grew by this entry. Returns whether it executes, by this checker's own count.
  bool on_entry(std::uint64_t round, const CommittedEntry& entry);
  /// A server that has `length` entries told the client that this number is committed.
  void on_acknowledged(std::uint64_t round, std::uint32_t client, std::uint64_t number,
                       std::uint64_t length);

  /// Numbers that are taken by the first so many entries of the sequence.
  std::uint64_t taken(std::uint64_t length) const { return taken_[length]; }

 private:
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::set<std::uint32_t>> submitted_;
  std::map<std::uint32_t, std::uint64_t> last_;  ///< By client: its last number.
  /// Where the entry stands that took the number, from 1 on.
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> places_;
  std::vector<std::uint64_t> taken_{0};
};

}  // namespace waggle::sim::rounds
