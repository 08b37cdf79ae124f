#pragma once

#include <variant>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"

/// What the hosts of two replicas say to each other beside the messages of their cores.
namespace waggle::smr {

/// Clients' signed requests that no leader seems to know, as they came (4.9).
struct Forward {
  std::vector<SharedBytes> requests;
};
/// The digest of the sender's state after the block of this height.
struct StateReport {
  Height height;
  Digest digest;
};

/// Of median servers: asks for a piece of the state, of one that is too far behind for entries.
struct StateRequest {
  std::uint64_t length = 0;  ///< Of the asker's final prefix.
  std::uint64_t state = 0;   ///< Which one: the number of entries that it is after. 0: the newest.
  std::uint64_t offset = 0;  ///< Where in its encoding.
  friend bool operator==(const StateRequest&, const StateRequest&) = default;
};
/// A piece of a state (docs/encoding.md).
struct StateChunk {
  std::uint64_t state = 0;
  std::uint64_t total = 0;  ///< Bytes of the whole; 0: that state is not kept any more.
  std::uint64_t offset = 0;
  Bytes bytes;  ///< At most kStateChunkMax.
  friend bool operator==(const StateChunk&, const StateChunk&) = default;
};
inline constexpr std::size_t kStateChunkMax = 1 << 20;

using HostMessage = std::variant<Forward, StateReport, StateRequest, StateChunk>;

}  // namespace waggle::smr
