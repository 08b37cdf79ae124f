#include "smr/median/named.hpp"

#include "consensus/core/domain.hpp"

namespace waggle::median {

Named name_of(Handle handle, const CommandTable& table) {
  const Slot slot = table.slot(handle);
  Named named{table.client_id(table.client(slot)), table.number(slot), std::nullopt};
  if (!handle.is_null()) named.digest = table.digest(handle);
  return named;
}

Handle intern(const Named& named, CommandTable& table) {
  if (!named.digest) return table.intern_null(named.client, named.number);
  return table.intern({named.client, named.number, *named.digest});
}

ClientId lane_client(const ClientId& client, std::uint16_t lane, const Hasher& hasher) {
  if (lane == 0) return client;
  const Bytes lane_bytes = Writer().u32(lane).take();
  return ClientId{hasher.hash({domain::kLane, client.view(), lane_bytes}).bytes};
}

Result<Command, Refusal> command_of(ByteView request, const RequestRef& parsed,
                                    const Hasher& hasher) {
  if (parsed.count != 1) return Unexpected{Refusal::kTooMany};
  const std::uint64_t number = number_in_lane(parsed.first);
  if (number == 0) return Unexpected{Refusal::kNumberOld};
  const CommandRef command = commands_of(request).front();
  return Command{lane_client(parsed.client, lane_of(parsed.first), hasher), number,
                 command_leaf(parsed.client, parsed.first, command.bytes, hasher)};
}

Result<Content, Refusal> read_content(SharedBytes request, const Limits& limits,
                                      const Hasher& hasher) {
  const auto parsed = parse_request(*request, limits);
  if (!parsed) return Unexpected{parsed.error()};
  auto command = command_of(*request, *parsed, hasher);
  if (!command) return Unexpected{command.error()};
  return Content{std::move(*command), std::move(request)};
}

}  // namespace waggle::median
