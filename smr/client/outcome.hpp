#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"
#include "consensus/core/refusal.hpp"
#include "smr/certificate/certificate.hpp"

namespace waggle::client {

/// So many replicas agree that the command was executed, where, and with what result, that at least
/// one of them does not lie: that is so for good.
struct Committed {
  std::uint64_t number = 0;  ///< The client's own number for the command.
  View view;                 ///< Of the block that holds it.
  Height height;
  Digest block;
  Bytes result;               ///< What the state machine answered.
  std::uint32_t replies = 0;  ///< Equal replies when it was decided.
  /// Of the median rule: where it stands. Servers judge it as it is until two more commands of its
  /// lane are executed; from then on it takes the chain that Client::certificate gives.
  std::optional<certificate::Certificate> certificate;
};

/// Certain: the command was not and will not be executed.
struct Rejected {
  Refusal reason{};
  std::string detail;  ///< Of kTooLarge: which limit, and by what. Otherwise empty.
};

/// Certain: the command never left this process, and will not. In particular when the deadline
/// passed while it was queued, or no replica could be reached.
struct NotSent {
  std::string why;
};

/// The deadline passed, or the client was closed, after the command was sent: it may have been
/// executed, may be later, or never. Client::resume asks on under the same number, which is safe;
/// submitting the command anew may execute it twice.
struct Unknown {
  std::uint64_t number = 0;
  std::optional<Refusal> reason;  ///< Why replicas did not take it, if some said so.
};

using Outcome = std::variant<Committed, Rejected, NotSent, Unknown>;

/// One outcome per command, in order.
using Done = std::function<void(std::vector<Outcome>)>;

}  // namespace waggle::client
