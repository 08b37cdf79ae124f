#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consensus/core/ids.hpp"
#include "smr/protocol/finding.hpp"

namespace waggle::smr {

/// What a median server knows of itself at one moment, as far as it tells why it seals or does not.
/// Spans of time are in whole seconds, rounded down.
struct MedianFacts {
  std::uint32_t n = 0;
  std::uint32_t majority = 0;
  std::uint64_t round = 0;
  std::uint64_t final = 0;     ///< Entries that are sealed.
  std::uint64_t executed = 0;  ///< Of these.
  bool stopped = false;
  bool started = false;          ///< A round has begun.
  bool busy = false;             ///< Something waits to be sealed.
  std::uint32_t replies = 0;     ///< Servers that answered in the last round, itself included.
  std::uint32_t stalled_s = 0;   ///< So long it has been busy and nothing was sealed.
  std::uint32_t syncing_s = 0;   ///< So long the disk has not confirmed what waits for it.
  std::uint32_t applying_s = 0;  ///< So long the state machine has not finished a run.

  std::vector<ReplicaId> unreached;  ///< Without a connection.
  std::vector<ReplicaId> silent;     ///< Connected, and no valid message came for some time.
  std::vector<ReplicaId> differing;  ///< Another state at an equal length.
  std::vector<ReplicaId> early;      ///< Their messages are of rounds that have not begun here.
  std::vector<ReplicaId> late;       ///< Their messages are of rounds that are over here.
  std::uint64_t rounds_missed = 0;   ///< Of the last second ...
  std::uint64_t rounds_seen = 0;     ///< ... and those that began here.
  std::uint64_t conflicts = 0;       ///< Certificates that leave the final prefix (8.6).
  bool rejoining = false;            ///< 8.7

  struct Transfer {
    ReplicaId from;
    std::uint64_t received = 0;  ///< Bytes.
    std::uint64_t total = 0;     ///< 0: not known yet.
  };
  std::optional<Transfer> transfer;  ///< The state comes from another server.

  std::uint64_t pending = 0;  ///< Commands of clients that are not final yet.
  std::uint64_t log = 0;      ///< Entries of the log.
  bool full = false;          ///< It takes no more commands.

  std::optional<std::uint64_t> disk_free;  ///< Bytes; where the data directory lies.
};

/// Why the server seals nothing, or what it does instead: the most important sentence first, never
/// none. Pure.
std::vector<Finding> explain(const MedianFacts& facts);

/// All that it may say.
std::span<const Sentence> median_sentences();

}  // namespace waggle::smr
