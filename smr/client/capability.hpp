#pragma once

#include <cstddef>
#include <cstdint>

#include "smr/client/options.hpp"

namespace waggle::client {

/// Numbers that pBeeGees reserves with the store at once: one sync per so many commands.
inline constexpr std::uint64_t kReserve = 1024;
/// Commands in one group, whatever the protocol; and the window of a pBeeGees session.
inline constexpr std::uint32_t kWindow = 256;

/// What the protocol of a chain lets a client do and asks of it. All that this library knows of
/// protocols is here; whoever adds one adds a function beside those below.
///
/// A key has one session or, in lanes, several: each with numbers, a window and requests of its
/// own. The upper bits of a number name its lane (smr/median/named.hpp).
struct Capability {
  std::uint32_t commands_max = 1;  ///< In one request.
  /// Numbers of a session that may be in use at a time, the lowest unsettled one included. Servers
  /// execute nothing above that, and can tell what became of a number for so long.
  std::uint32_t window = 1;
  std::uint32_t lanes_max = 1;        ///< Sessions of one key.
  std::uint64_t reserve = 0;          ///< Numbers reserved with the store beyond those needed.
  std::uint32_t believed = 1;         ///< Equal replies that decide: one of them is true.
  std::uint32_t asked_first = 1;      ///< Servers that get a request before all the others do.
  std::uint32_t session_answers = 1;  ///< Of servers asked where a session stands, at best.

  /// A session has one command under way, so a group of several takes several requests.
  bool one_by_one() const noexcept { return window == 1; }
};

/// pBeeGees: f of n = 3f+1 replicas lie. Sessions have a window of 256 numbers.
Capability pbeegees_capability(std::uint32_t n, const ClientOptions& options);
/// The median rule: servers do not lie, but some may be blocked. It admits one command of a client
/// at a time; to have more under way a client has lanes. Numbers are reserved one by one, because
/// those that were not used must be filled one after the other.
Capability median_capability(std::uint32_t n, const ClientOptions& options);
/// By the genesis file in `options.chain`: a chain without leaders runs the median rule. Without
/// the file: pBeeGees.
Capability capability_of(const ClientOptions& options);

/// How soon to ask again: at least what the options say, and on a chain where answers are expected
/// to take long not sooner than that.
Timing timing_of(const ClientOptions& options);

}  // namespace waggle::client
