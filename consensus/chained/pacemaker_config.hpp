#pragma once

#include "consensus/core/ids.hpp"

namespace waggle::chained {

/// Time spans of one replica. They decide progress, never safety, and may differ per replica.
struct PacemakerConfig {
  /// A view without a certificate is given up after this long (4.4).
  Duration view_timeout = std::chrono::milliseconds(400);
  /// Timer of a view whose leader failed to collect votes that others hold (4.7): two network
  /// delays plus transfer, validation and sync of a full block.
  Duration grace = std::chrono::milliseconds(150);
  /// Timer of a view that waits for a replica to whom there is no connection, if that is shorter
  /// (decision x): how much later than one's own a vote of another may come that still counts.
  Duration unreachable_timeout = std::chrono::milliseconds(50);
  /// Added to the view timer per block above the committed head (3.7d).
  Duration per_suffix_block = std::chrono::milliseconds(2);
  /// The timer never grows beyond this (3.7d). Progress is promised only while a proposal, its
  /// votes and their syncs take less.
  Duration timeout_max = std::chrono::seconds(10);
  /// Between two heartbeats (4.9).
  Duration heartbeat = std::chrono::milliseconds(500);
  /// Before a missing block is asked for again, from somebody else.
  Duration fetch_retry = std::chrono::milliseconds(150);
  /// Before a rejoin challenge is repeated; others answer twice as often at most (4.10).
  Duration rejoin_retry = std::chrono::milliseconds(600);
};

}  // namespace waggle::chained
