#pragma once

#include <optional>

#include "smr/median/final_prefix.hpp"
#include "smr/median/named.hpp"
#include "smr/replica/layout.hpp"

/// What the host of a median server writes besides its core's rows (storage/FORMAT.md). Decoders
/// return nothing on bytes that the encoder did not write.
namespace waggle::smr::layout {

/// Of kMeta: the chain digest of the entries that were executed.
inline constexpr std::string_view kSequenceKey = "sequence";
/// Of kMeta: the final prefix of the state that was installed last. The core's rows know of it
/// soon after; in between, and only then, it is needed.
inline constexpr std::string_view kInstalledKey = "installed";

/// What became of the last number of a lane, in kResults under the lane's id.
struct LaneRow {
  std::uint64_t number = 0;     ///< In the lane.
  std::uint64_t position = 0;   ///< Of the entry that took it.
  View window;                  ///< Of the seal under which it was executed here.
  Digest root;                  ///< Sealed by it.
  std::optional<Bytes> result;  ///< Nothing: a null entry took the number.
};
Bytes encode(const LaneRow& row);
std::optional<LaneRow> decode_lane(ByteView bytes);

/// Of what median::encode_final() wrote; at least one entry. `quorum` is more than n/2.
std::optional<median::FinalPrefix> decode_final(ByteView bytes, std::uint32_t quorum,
                                                const Hasher& hasher);

/// What comes with the reply to a command (Committed::acknowledgement): where it stands, and the
/// chain of its client's command before it. Empty if it is not its client's newest any more.
Bytes acknowledgement_of(const median::FinalPrefix& final, const median::Named& command);

/// What stored bytes that do not decode mean, and what to do about it.
storage::StorageError corrupt(std::string what);

}  // namespace waggle::smr::layout
