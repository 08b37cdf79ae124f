#pragma once

#include <optional>
#include <span>
#include <vector>

#include "consensus/core/ids.hpp"
#include "smr/protocol/finding.hpp"

namespace waggle::smr {

/// What a replica knows of itself at one moment, as far as it tells why it commits or does not.
/// Spans of time are in whole seconds, rounded down.
struct Facts {
  std::uint32_t n = 0;
  std::uint32_t quorum = 0;
  View view;
  ReplicaId leader;  ///< Of that view.
  Height committed;
  Height executed;
  bool stopped = false;
  bool busy = false;             ///< Something waits to be committed (4.9).
  std::uint32_t stalled_s = 0;   ///< So long it has been busy without a commit.
  std::uint32_t syncing_s = 0;   ///< So long the disk has not confirmed what waits for it.
  std::uint32_t applying_s = 0;  ///< So long the state machine has not finished a block.

  std::vector<ReplicaId> unreached;  ///< Without a connection.
  std::vector<ReplicaId> silent;     ///< Connected, and no valid message came for some time.
  std::vector<ReplicaId> gave_up;    ///< On the current view, ourselves included (4.4).
  std::vector<ReplicaId> differing;  ///< Another state at an equal height.
  std::optional<Height> ahead;       ///< f+1 others have executed so far, and we have not since.
  bool fetching = false;             ///< Blocks are missing and were asked for (4.8).
  std::optional<Height> suspended;   ///< Its commit is held up by 5.2.

  struct Rejoin {
    std::uint32_t reports = 0;  ///< Others that told how far they signed.
    View bound;                 ///< M, known once a quorum did.
    View certified;             ///< Of the highest QC.
  };
  std::optional<Rejoin> rejoin;  ///< While 4.10 lasts.

  std::uint64_t mempool_requests = 0;
  std::uint64_t mempool_bytes = 0;
  bool mempool_full = false;  ///< Requests were refused for want of room a moment ago.

  std::optional<std::uint64_t> disk_free;  ///< Bytes; where the data directory lies.
};

/// A replica that waits longer than this for a commit, its disk or its state machine says so.
inline constexpr std::uint32_t kPatienceSeconds = 2;
/// Below the first it warns, below the second a write may fail any moment.
inline constexpr std::uint64_t kDiskLow = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kDiskFull = std::uint64_t{64} << 20;

/// Why the replica does not commit, or what it does instead: the most important sentence first,
/// never none. Pure.
std::vector<Finding> explain(const Facts& facts);

/// All that explain() may say.
std::span<const Sentence> replica_sentences();

}  // namespace waggle::smr
