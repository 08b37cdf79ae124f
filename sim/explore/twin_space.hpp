#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "consensus/core/result.hpp"

namespace waggle::sim {

/// Which schedules of a Twins test there are ("Twins: BFT Systems Made Robust", Bano et al. 2021).
struct TwinSpaceOptions {
  std::uint32_t n = 4;               ///< Identities.
  std::uint32_t twins = 1;           ///< Identities 0 .. twins-1 run twice.
  std::uint32_t views = 4;           ///< So many first ones are enumerated.
  std::uint32_t partitions_max = 2;  ///< Groups in one view, at most.
};

/// What is chosen for one view.
struct TwinView {
  std::uint32_t leader = 0;           ///< An identity; both of its twins lead.
  std::vector<std::uint32_t> groups;  ///< Of each address, the group in which it is.
  friend bool operator==(const TwinView&, const TwinView&) = default;
};

/// All schedules: for each of the first views a leader and a partition of the addresses, of which
/// 0 .. n-1 are those of the identities and n .. n+twins-1 the second ones. Schedules that differ
/// only in the names of honest replicas, of twin identities, or of the two twins of one are one
/// schedule. They are numbered in lexicographic order of their least form: by the first view, then
/// the second; within a view by the leader, then by the partition, whose groups are numbered in
/// the order of their first address. Any number can be asked for at once, so that a part of a
/// large space can be taken evenly.
class TwinSpace {
 public:
  /// Refuses what is too large to be counted.
  static Result<TwinSpace, std::string> make(const TwinSpaceOptions& options);

  std::uint64_t size() const noexcept { return size_; }
  /// Leaders times partitions: what one view may be.
  std::uint64_t choices() const noexcept { return options_.n * partitions_.size(); }
  /// The schedule of a number below size(): one entry per view.
  std::vector<TwinView> at(std::uint64_t number) const;

 private:
  using Letter = std::uint16_t;  ///< One choice for one view.
  /// Symmetries, by number.
  using Subgroup = std::vector<std::uint32_t>;
  struct Branch {
    Letter letter;
    Subgroup stabilizer;  ///< What leaves the letter as it is.
    std::uint64_t size;   ///< Schedules that begin with it.
  };

  explicit TwinSpace(const TwinSpaceOptions& options) : options_(options) {}
  void list_letters();
  void list_symmetries();
  Letter letter_of(const TwinView& view) const;
  /// Schedules of so many views, up to the symmetries: Burnside's lemma.
  std::uint64_t count(const Subgroup& symmetries, std::uint32_t views) const;
  /// How schedules go on for `views` more views, in order.
  std::vector<Branch> branches(const Subgroup& symmetries, std::uint32_t views) const;

  TwinSpaceOptions options_;
  std::vector<std::vector<std::uint32_t>> partitions_;  ///< In order.
  std::vector<std::vector<Letter>> images_;             ///< Of every letter, by symmetry.
  std::vector<std::uint64_t> fixed_;                    ///< Letters that a symmetry leaves alone.
  std::vector<Branch> roots_;
  std::uint64_t size_ = 0;
};

}  // namespace waggle::sim
