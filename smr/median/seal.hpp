#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::median {

/// COMMIT(w, c, R) of one server (8.4): a pre-certificate of window w covers the sequence of
/// length c whose forest has the roots R.
struct Commit {
  ReplicaId server;
  Window window = 0;
  std::uint64_t length = 0;
  Digest root;
  Signature signature;  ///< Zero in one's own until the host has signed it.

  friend bool operator==(const Commit&, const Commit&) = default;
};

/// COMMITs of one window by more than n/2 servers (8.5). Seals the shortest of them: sequences
/// that are committed in one window are prefixes of one another. Immutable.
class Seal {
 public:
  /// Refuses too few servers, one counted twice, and windows that differ. `quorum` is more
  /// than n/2; signatures were checked before.
  static Result<std::shared_ptr<const Seal>, Refusal> make(std::vector<Commit> commits,
                                                           std::uint32_t quorum);

  Window window() const noexcept { return shortest().window; }
  std::uint64_t length() const noexcept { return shortest().length; }
  const Digest& root() const noexcept { return shortest().root; }
  const std::vector<Commit>& commits() const noexcept { return commits_; }

 private:
  explicit Seal(std::vector<Commit> commits) : commits_(std::move(commits)) {}
  const Commit& shortest() const noexcept { return commits_.back(); }

  std::vector<Commit> commits_;  ///< Longest first.
};
using SealPtr = std::shared_ptr<const Seal>;

/// The longest COMMIT of each server in each window, and what they seal. One per server.
class CommitTally {
 public:
  CommitTally(std::uint32_t quorum, bool windows_apart)
      : quorum_(quorum), windows_apart_(windows_apart) {}

  /// Returns whether it is news.
  bool add(const Commit& commit);
  /// The longest seal of this window that is known: of length the quorum-th largest COMMIT. Null if
  /// that does not go beyond `beyond` entries.
  SealPtr best(Window window, std::uint64_t beyond = 0) const;
  void forget_before(Window window) {
    windows_.erase(windows_.begin(), windows_.lower_bound(window));
  }
  /// All of one window, by server.
  std::vector<Commit> of(Window window) const;

 private:
  std::uint32_t longer(Window window, std::uint64_t beyond) const;

  std::uint32_t quorum_;
  bool windows_apart_;
  std::map<Window, std::map<ReplicaId, Commit>> windows_;
};

}  // namespace waggle::median
