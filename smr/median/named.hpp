#pragma once

#include <cstdint>
#include <optional>

#include "consensus/core/request.hpp"
#include "smr/median/command_table.hpp"
#include "smr/median/parameters.hpp"

/// Commands under the names that all servers share. Handles and slots are short names of one
/// process (command_table.hpp); these are what travels, is stored and is hashed.
namespace waggle::median {

/// A command, or, without a digest, the null entry of a (client, number).
struct Named {
  ClientId client;
  std::uint64_t number = 0;
  std::optional<Digest> digest;  ///< The command's leaf.

  friend bool operator==(const Named&, const Named&) = default;
};

/// A log entry as it travels: with the round in which it was appended.
struct StampedNamed {
  Named entry;
  Round stamp = 0;

  friend bool operator==(const StampedNamed&, const StampedNamed&) = default;
};

/// A command with the signed request that it came in.
struct Content {
  Command command;
  SharedBytes request;  ///< Never null.
};

Named name_of(Handle handle, const CommandTable& table);
Handle intern(const Named& named, CommandTable& table);

/// Lanes. The rule admits one command in flight per client; a client has more by lanes. The upper
/// 16 bits of a request's number are the lane, the lower 48 the number within it, from 1 on. To
/// the rule every lane is a client of its own: lane 0 is the client's key, another the hash of key
/// and lane.
inline constexpr int kLaneShift = 48;
constexpr std::uint16_t lane_of(std::uint64_t number) noexcept {
  return static_cast<std::uint16_t>(number >> kLaneShift);
}
constexpr std::uint64_t number_in_lane(std::uint64_t number) noexcept {
  return number & ((std::uint64_t{1} << kLaneShift) - 1);
}
constexpr std::uint64_t lane_number(std::uint16_t lane, std::uint64_t number) noexcept {
  return (std::uint64_t{lane} << kLaneShift) | number;
}
ClientId lane_client(const ClientId& client, std::uint16_t lane, const Hasher& hasher);

/// The command of a request that parse_request() accepted. Refuses (kTooMany) more than one command
/// and (kNumberOld) the number 0 of a lane. The leaf is that of the key and the whole number, so
/// that proofs need not know of lanes.
Result<Command, Refusal> command_of(ByteView request, const RequestRef& parsed,
                                    const Hasher& hasher);

/// Reads a request that fills the bytes, checks layout and limits but not the signature: servers
/// do not lie, and the first one has checked it.
Result<Content, Refusal> read_content(SharedBytes request, const Limits& limits,
                                      const Hasher& hasher);

}  // namespace waggle::median
