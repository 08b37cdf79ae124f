#include "smr/median/command_table.hpp"

namespace waggle::median {

CommandTable::CommandTable() {
  const Handle dummy = intern(Command{});
  ENSURE(dummy == kDummy);
}

Handle CommandTable::intern(const Command& command) {
  const Slot slot = slot_index(client_index(command.client), command.number);
  const Handle next{static_cast<std::uint32_t>(digests_.size())};
  const auto [found, added] = names_.try_emplace({slot.value, command.digest}, next);
  if (added) {
    ENSURE(next.value < Handle::kNull, "the table of commands is full");
    slots_of_.push_back(slot);
    digests_.push_back(command.digest);
    ++slots_[slot.value].commands;
  }
  return found->second;
}

Handle CommandTable::intern_null(const ClientId& client, std::uint64_t number) {
  return null_of(slot_index(client_index(client), number));
}

const Digest& CommandTable::digest(Handle handle) const {
  ENSURE(!handle.is_null());
  return digests_[handle.index()];
}

bool CommandTable::less(Handle a, Handle b) const {
  if (a == b) return false;
  const Slot slot_a = slot(a);
  const Slot slot_b = slot(b);
  if (slot_a == slot_b) {
    if (a.is_null() || b.is_null()) return a.is_null();
    return digest(a) < digest(b);
  }
  const std::uint32_t client_a = client(slot_a);
  const std::uint32_t client_b = client(slot_b);
  if (client_a != client_b) return client_id(client_a) < client_id(client_b);
  return number(slot_a) < number(slot_b);
}

std::uint32_t CommandTable::client_index(const ClientId& client) {
  const auto next = static_cast<std::uint32_t>(clients_.size());
  const auto [found, added] = client_names_.try_emplace(client, next);
  if (added) clients_.push_back(client);
  return found->second;
}

Slot CommandTable::slot_index(std::uint32_t client, std::uint64_t number) {
  const Slot next{static_cast<std::uint32_t>(slots_.size())};
  const auto [found, added] = slot_names_.try_emplace({client, number}, next);
  if (added) {
    ENSURE(next.value < Handle::kNull, "the table of slots is full");
    slots_.push_back({.client = client, .number = number});
  }
  return found->second;
}

}  // namespace waggle::median
