#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/codec.hpp"
#include "tests/unit/core/sample_values.hpp"

namespace waggle::net {

/// One kind of message, seen as frames only.
struct WireKind {
  std::string name;
  /// The frame of a random message of this kind.
  Frame (*sample)(Draw& draw);
  /// Decodes the frame as the port for this kind does and encodes what came out.
  Result<Frame, Refusal> (*recode)(Frame frame);
};

const std::vector<WireKind>& wire_kinds();

/// The frame as it goes over the wire, before encryption.
Bytes wire_bytes(const Frame& frame);

Frame random_peer_frame(Draw& draw);

Result<Frame, Refusal> recode_peer(Frame frame);
/// As a server of a chain without leaders does.
Result<Frame, Refusal> recode_median(Frame frame);
Result<Frame, Refusal> recode_client(Frame frame);
Result<Frame, Refusal> recode_replica(Frame frame);

}  // namespace waggle::net
