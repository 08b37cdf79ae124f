#pragma once

#include "consensus/chained/record.hpp"
#include "smr/replica/execution.hpp"
#include "smr/replica/sessions.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// What a replica finds when it starts.
struct RecoveredReplica {
  Executed position;
  Sessions sessions;
  chained::Recovered core;
};

/// Position of a chain that has executed nothing.
Executed genesis_position(const Block& genesis, const Sessions& sessions, const Hasher& hasher);

/// Reads a data directory back: the executed position, which is the core's committed head, the
/// sessions there, and the blocks from it up to the tip. Commits beyond the executed position are
/// found anew by the core, from the certificates. Refuses (kCorrupt) what does not fit together.
storage::Outcome<RecoveredReplica> recover(const storage::Storage& storage,
                                           const ChainConfig& config, const Hasher& hasher);

}  // namespace waggle::smr
