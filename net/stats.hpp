#pragma once

#include <array>
#include <cstdint>

#include "consensus/core/refusal.hpp"

namespace waggle::net {

/// Counters of one transport since its start, as seen at one moment.
struct Stats {
  std::array<std::uint64_t, kRefusalCount> refused{};  ///< By reason.
  std::uint64_t bytes_in = 0;                          ///< On the wire, TLS included.
  std::uint64_t bytes_out = 0;
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t frames_dropped = 0;      ///< Not sent: queue full, superseded, or no connection.
  std::uint64_t connections = 0;         ///< Now up, after their handshake.
  std::uint64_t connections_opened = 0;  ///< Ever up.
  std::uint64_t handshakes_failed = 0;   ///< Timed out, wrong key, not TLS 1.3.

  std::uint64_t refusals(Refusal reason) const noexcept {
    return refused[static_cast<std::size_t>(reason)];
  }
};

}  // namespace waggle::net
