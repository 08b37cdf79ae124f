#pragma once

#include <optional>
#include <span>

#include "consensus/chained/record.hpp"
#include "smr/replica/sessions.hpp"
#include "storage/storage.hpp"

/// Where things lie in the executed chain (families heights and commands, storage/FORMAT.md): what
/// a proof of commitment starts from. Written with the execution of each block, one row per block
/// and about one per request.
namespace waggle::smr {

/// A committed block in the order of all commands.
struct CommittedRow {
  chained::CommittedRef ref;
  std::uint64_t ordered = 0;  ///< Commands in the blocks up to it, itself and duplicates included.
};

/// A command's place: a block, and which of its commands, from 0.
struct CommandPlace {
  Height height;
  std::uint32_t index = 0;
};

/// Adds the rows of a block that is being executed: `decisions` as in ExecutionJob, `ordered` as in
/// CommittedRow.
void index_block(storage::Batch& batch, const Block& block, std::span<const Decision> decisions,
                 std::uint64_t ordered);

// Readers; any thread. Rows that do not decode are kCorrupt.

/// The row of an executed height; nothing above the executed one.
storage::Outcome<std::optional<CommittedRow>> committed_at(const storage::Storage& storage,
                                                           Height height);
/// Where the command was executed; nothing if it was not.
storage::Outcome<std::optional<CommandPlace>> find_command(const storage::Storage& storage,
                                                           const ClientId& client,
                                                           std::uint64_t number);
/// The block that holds the chain's command at `position`, counted from 0, or the lowest one above
/// it that is still kept; nothing if no block up to `highest`, which is executed, is either. Reads
/// about log2(highest) rows.
storage::Outcome<std::optional<CommittedRow>> block_of(const storage::Storage& storage,
                                                       std::uint64_t position, Height highest);

}  // namespace waggle::smr
