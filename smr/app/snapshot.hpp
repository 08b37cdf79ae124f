#pragma once

#include <functional>
#include <span>

#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"
#include "smr/app/state_store.hpp"

/// The canonical encoding of a whole state, written and read in pieces. Layout:
///   tag "waggle/snap/1" 16 | pairs, keys rising strictly: 1 u8, key sized, value sized |
///   0 u8 | StateDigest of the pairs 32
/// Equal states have equal bytes.
namespace waggle::app {

/// Takes the next piece, of any size. The bytes are valid during the call only.
using SnapshotSink = std::function<void(ByteView)>;
/// Fills a part of the buffer from its beginning and returns how much; 0 only at the end.
using SnapshotSource = std::function<std::size_t(std::span<std::uint8_t>)>;

void write_snapshot(const StateView& state, const SnapshotSink& sink);

/// Fills `store`, which must be empty, from a snapshot that a peer may have sent. Refuses
/// (kMalformed) whatever write_snapshot would not have written, a wrong digest included; the
/// store then holds a part of it and must be thrown away. Never allocates more than a few times
/// what the source delivered.
Result<void, Refusal> read_snapshot(const SnapshotSource& source, StateStore& store);

}  // namespace waggle::app
