#pragma once

#include <cstddef>
#include <limits>

#include "consensus/core/ids.hpp"
#include "smr/app/snapshot.hpp"
#include "smr/app/state_store.hpp"

namespace waggle::app {

/// Where a command stands. Equal on all replicas, so a state machine may use it freely.
struct CommandContext {
  ClientId client;           ///< Who signed the command.
  std::uint64_t number = 0;  ///< The client's number for it.
  Height height;             ///< Of the block that holds it.
  View view;                 ///< Of that block.
  /// Bytes that the result may have, never fewer than kResultBytesMin. The results of a block
  /// share what there is: a command that wants more is to change nothing and say so.
  std::size_t result_bytes_max = std::numeric_limits<std::size_t>::max();
};

/// Room for the result of any command, however much those before it took.
inline constexpr std::size_t kResultBytesMin = 256;

/// What a user of the suite writes: the service that is replicated. examples/bank.hpp is one.
///
/// Everything that must last lives in the store, nothing in members: what is in a member is lost
/// at a restart and escapes the digest by which replicas notice that they differ. Hence const.
/// Deterministic: the result and the changes depend on the store, the context and the command
/// alone. No clock, no random source, no address, no iteration over unordered containers, no
/// floating point whose rounding could differ.
///
/// Commands are any client's bytes: one that makes no sense gets a result that says so and
/// changes nothing. Nothing here throws or aborts on them.
///
/// Threads: apply, digest, snapshot and restore are called by one thread at a time; query also at
/// the same time by others, on a view of its own.
class StateMachine {
 public:
  virtual ~StateMachine() = default;

  /// Executes one committed command and returns what the client is told. The result is kept for
  /// retries. One that is longer than the context allows is thrown away, and the client gets an
  /// empty one.
  virtual Bytes apply(const CommandContext& context, ByteView command, StateStore& store) const = 0;

  /// Answers without ordering, from the state of this replica.
  virtual Bytes query(ByteView query, const StateView& state) const = 0;

  /// Equal on replicas that executed the same blocks. By default the digest of the store.
  virtual Digest digest(const StateView& state) const;
  /// Writes the whole state; equal states give equal bytes. By default smr/app/snapshot.hpp.
  virtual void snapshot(const StateView& state, const SnapshotSink& sink) const;
  /// The inverse, into an empty store. Refuses what snapshot would not have written; the store
  /// must then be thrown away.
  virtual Result<void, Refusal> restore(const SnapshotSource& source, StateStore& store) const;
};

}  // namespace waggle::app
