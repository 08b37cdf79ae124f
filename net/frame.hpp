#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"

/// A frame is the unit of transport: a small Protobuf header and raw payload bytes that are never
/// re-encoded.
///   u32 LE header length | u32 LE payload length | header | payload
/// The payload is a run of segments, one for each value that is shared by reference (the payload of
/// a block, a client's request); field `segments` of the header gives their lengths.
namespace waggle::net {

/// A whole message. Immutable once shared, so that it is encoded once and sent to many.
struct Frame {
  Bytes header;                       ///< An encoded wire::Header (net/proto/waggle.proto).
  std::vector<SharedBytes> segments;  ///< Never null; empty ones are allowed.
  /// Bytes of the payload that were received and not kept (FrameLimits::payload_head_bytes).
  std::uint32_t skipped = 0;

  std::uint32_t payload_size() const noexcept;
  /// Bytes on the wire before encryption, the prefix included.
  std::size_t wire_size() const noexcept;
  /// The eight bytes in front of the header.
  std::array<std::uint8_t, 8> prefix() const noexcept;
};
using SharedFrame = std::shared_ptr<const Frame>;

inline SharedFrame share(Frame frame) { return std::make_shared<const Frame>(std::move(frame)); }

/// What a receiver accepts, checked before anything is allocated.
struct FrameLimits {
  std::uint32_t header_bytes_max = 1 << 20;
  std::uint32_t payload_bytes_max = 8 << 20;  ///< All segments together.
  std::uint32_t segments_max = 4096;
  /// Of a payload above payload_bytes_max so many bytes are kept, as one segment, and the rest is
  /// read past, so that it can be answered. 0: such a frame is refused.
  std::uint32_t payload_head_bytes = 0;
};

/// How a frame gives way when the queue of a peer is full. Dropped first is what a later view
/// has superseded (kConsensus of a view below the newest one queued, lowest view first; of a chain
/// without leaders, rounds instead of views), then kSync, then kForward, each oldest first, then
/// what is left, oldest first. Whatever is dropped is made good by the sender's protocol: timeouts,
/// catching up, the client's retry.
struct Delivery {
  enum class Kind : std::uint8_t {
    kConsensus,  ///< Proposals, votes, timeouts, certificates, heartbeats: old views are stale.
                 ///< Of the median core logs and append requests: a past round counts as lost.
    kSync,       ///< Answers with blocks or commands: can be asked for again.
    kForward,    ///< Clients' requests: the client sends them again.
    kControl,    ///< Small or rare: requests for blocks, rejoining, PREs, COMMITs.
  };
  Kind kind = Kind::kControl;
  View view;  ///< Or round. Only of kConsensus.

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

}  // namespace waggle::net
