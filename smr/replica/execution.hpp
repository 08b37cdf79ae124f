#pragma once

#include <vector>

#include "consensus/core/block.hpp"
#include "smr/protocol/messages.hpp"
#include "smr/replica/sessions.hpp"

namespace waggle::smr {

/// A committed block on its way to the state machine, with what the sessions decided.
struct ExecutionJob {
  BlockPtr block;
  std::vector<Decision> decisions;  ///< One per command of the payload, in order.
  SessionChanges sessions;          ///< To be written with the block's results.
  Digest sessions_digest;           ///< Of all sessions after this block.
};

/// Where execution stands. Stored with the results of the block, in one batch.
struct Executed {
  Height height;
  Digest block;
  View view;
  std::uint64_t commands = 0;  ///< Executed since genesis, duplicates not counted.
  std::uint64_t ordered = 0;   ///< Commands in the blocks since genesis, duplicates included.
  Digest state;                ///< Digest of the state machine's content.
  Digest digest;               ///< Of state and sessions together: equal on all replicas.
};

/// What execution tells the host: the position, and the answers per client.
struct ExecutionResult {
  Executed position;
  std::vector<Committed> answers;
};

}  // namespace waggle::smr
