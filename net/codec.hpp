#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "net/frame.hpp"
#include "smr/median/messages.hpp"
#include "smr/protocol/host_messages.hpp"
#include "smr/protocol/messages.hpp"

/// Wire types (net/proto/waggle.proto) to domain types and back. Pure functions; any thread.
///
/// Decoding takes bytes of a stranger. It fails with
/// - kUnsupportedVersion: the frame is of another wire version;
/// - kUnknownKind: a message kind that a newer version has added, or of a core that this chain does
///   not run: skip it, keep the connection;
/// - kMalformed: anything that the encoder could not have written; the wrong kind for this port;
/// - kTooLarge: above a limit of the genesis file;
/// - what decode_block refuses, for the blocks inside, or median::decode_message.
///
/// Certificates, timeouts and blocks travel in the canonical encoding that is signed, hashed and
/// stored, as bytes fields: one encoding, not two. Signatures are not checked here.
namespace waggle::net {

/// The wire version that this build speaks; the frame of any other is refused.
inline constexpr std::uint32_t kWireVersion = 1;

using smr::Forward;

/// What replicas send to each other.
using PeerMessage = std::variant<chained::Message, median::Message, smr::HostMessage>;

Frame encode_peer(const chained::Message& message);
Frame encode_peer(const median::Message& message);
Frame encode_peer(const smr::HostMessage& message);
Frame encode_client(const smr::ClientMessage& message);
Frame encode_replica(const smr::ReplicaMessage& message);

/// A chain without leaders runs the median core.
Result<PeerMessage, Refusal> decode_peer(Frame frame, const ChainConfig& config,
                                         const Hasher& hasher);
/// What a client sent. A request inside is not parsed yet, only held to its size limit.
Result<smr::ClientMessage, Refusal> decode_client(Frame frame, const Limits& limits);
/// What is left of a request above the limit of its connection (FrameLimits::payload_head_bytes).
struct CutRequest {
  SharedBytes head;
  std::uint64_t size = 0;  ///< Of the whole request.
};
/// Nothing if the frame was not cut, or holds anything else.
std::optional<CutRequest> decode_cut(const Frame& frame);
/// What a replica answered to a client. Also kUnknownKind: a reason that a newer version has added.
Result<smr::ReplicaMessage, Refusal> decode_replica(Frame frame);

/// How the message gives way in a full queue.
Delivery delivery_of(const chained::Message& message);
Delivery delivery_of(const median::Message& message);
Delivery delivery_of(const smr::HostMessage& message);

/// True for refusals after which nothing more is read from a connection: its bytes are not ours.
bool closes_connection(Refusal reason) noexcept;

/// Lengths of the segments behind an encoded header, without decoding the rest. The transport calls
/// it to read every segment into its own place. The lengths add up to `payload_size`.
Result<std::vector<std::uint32_t>, Refusal> segment_sizes(ByteView header,
                                                          std::uint32_t payload_size,
                                                          const FrameLimits& limits);

}  // namespace waggle::net
