#pragma once

#include <memory>
#include <optional>

#include "consensus/chained/messages.hpp"
#include "sim/world/network.hpp"
#include "smr/median/messages.hpp"
#include "smr/protocol/host_messages.hpp"

namespace waggle::sim {

/// Bytes of a message on the wire, to within a few bytes of what the daemon's codec makes of it.
std::uint32_t wire_size(const chained::Message& message);
std::uint32_t wire_size(const median::Message& message);
std::uint32_t wire_size(const smr::HostMessage& message);
/// What the network sees of a message. Of the median rule rounds stand for views.
Wire wire_of(Address from, Address to, const chained::Message& message, std::uint32_t bytes);
Wire wire_of(Address from, Address to, const median::Message& message, std::uint32_t bytes);
/// How traces and rules call it.
std::string_view kind_of(const smr::HostMessage& message);

/// A message on its way, shared by all who receive it. Whether it passes the stateless checks does
/// not depend on who asks, so that is found out once, by the first receiver.
template <class M>
class PacketOf {
 public:
  PacketOf(ReplicaId from, M message)
      : from_(from), bytes_(wire_size(message)), message_(std::move(message)) {}

  ReplicaId from() const noexcept { return from_; }
  const M& message() const noexcept { return message_; }
  std::uint32_t bytes() const noexcept { return bytes_; }

  using Verdict = Result<Verified<M>, Refusal>;
  template <class Validate>
  const Verdict& verdict(const Validate& validate) {
    if (!verdict_) verdict_ = validate(message_, from_);
    return *verdict_;
  }

 private:
  const ReplicaId from_;
  const std::uint32_t bytes_;
  const M message_;
  std::optional<Verdict> verdict_;
};
using Packet = PacketOf<chained::Message>;
using PacketPtr = std::shared_ptr<Packet>;
using MedianPacket = PacketOf<median::Message>;
using MedianPacketPtr = std::shared_ptr<MedianPacket>;

}  // namespace waggle::sim
