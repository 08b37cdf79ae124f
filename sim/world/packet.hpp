#pragma once

#include <memory>
#include <optional>

#include "consensus/chained/messages.hpp"
#include "sim/world/network.hpp"

namespace waggle::sim {

/// Bytes of a message on the wire, to within a few bytes of what the daemon's codec makes of it.
std::uint32_t wire_size(const chained::Message& message);
/// What the network sees of a message.
Wire wire_of(Address from, Address to, const chained::Message& message, std::uint32_t bytes);

/// A message on its way, shared by all who receive it. Whether it passes the stateless checks does
/// not depend on who asks, so that is found out once, by the first receiver.
class Packet {
 public:
  Packet(ReplicaId from, chained::Message message)
      : from_(from), bytes_(wire_size(message)), message_(std::move(message)) {}

  ReplicaId from() const noexcept { return from_; }
  const chained::Message& message() const noexcept { return message_; }
  Wire wire(Address from, Address to) const { return wire_of(from, to, message_, bytes_); }

  using Verdict = Result<Verified<chained::Message>, Refusal>;
  template <class Validate>
  const Verdict& verdict(const Validate& validate) {
    if (!verdict_) verdict_ = validate(message_, from_);
    return *verdict_;
  }

 private:
  const ReplicaId from_;
  const std::uint32_t bytes_;
  const chained::Message message_;
  std::optional<Verdict> verdict_;
};
using PacketPtr = std::shared_ptr<Packet>;

}  // namespace waggle::sim
