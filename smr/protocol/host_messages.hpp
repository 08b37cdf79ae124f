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

using HostMessage = std::variant<Forward, StateReport>;

}  // namespace waggle::smr
