#pragma once

#include <cstdint>

namespace waggle::sim::rounds {

/// An entry of a committed sequence. Clients and commands are numbered; equal commands have equal
/// numbers.
struct CommittedEntry {
  std::uint32_t client = 0;
  std::uint64_t number = 0;
  std::uint32_t command = 0;  ///< Of no meaning in a null entry.
  bool null = false;
  bool executed = false;  ///< As the server claims that committed it.
};

/// All sequences that servers committed, as a tree in which they share what they begin with. A
/// sequence is the number of the node that it ends in; 0 is the empty one.
class Lineage {
 public:
  virtual ~Lineage() = default;
  virtual std::uint32_t parent(std::uint32_t node) const = 0;
  virtual std::uint32_t length(std::uint32_t node) const = 0;
  /// The last entry of a sequence that is not empty.
  virtual CommittedEntry last(std::uint32_t node) const = 0;
};

}  // namespace waggle::sim::rounds
