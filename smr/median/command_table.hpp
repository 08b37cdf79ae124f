#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ensure.hpp"

namespace waggle::median {

/// What a client wants executed: its number and the leaf digest of its bytes (command_leaf()).
/// Equal when all three are.
struct Command {
  ClientId client;
  std::uint64_t number = 0;  ///< From 1 on; one command at a time is in flight.
  Digest digest;

  friend auto operator<=>(const Command&, const Command&) = default;
};

/// Names a command of a table, or the null entry of a (client, number). 25 bits: a log entry is
/// one word. Its number says nothing about the order of commands.
struct Handle {
  static constexpr std::uint32_t kNull = 1u << 24;
  std::uint32_t value = 0;

  constexpr bool is_null() const noexcept { return (value & kNull) != 0; }
  constexpr std::uint32_t index() const noexcept { return value & (kNull - 1); }
  friend constexpr bool operator==(Handle, Handle) = default;
};

/// The seed of every log and what an empty one is filled with. Executes as nothing.
inline constexpr Handle kDummy{0};

/// A (client, number): what two different commands clash over.
struct Slot {
  std::uint32_t value = 0;
  friend constexpr bool operator==(Slot, Slot) = default;
};

/// Gives commands short names within one process or one simulated world; what travels are the
/// commands themselves. Nothing is ever forgotten. Not thread-safe.
class CommandTable {
 public:
  CommandTable();

  /// The handle of the command, the same for equal commands. At most 2^24 - 1 of them.
  Handle intern(const Command& command);
  /// The null entry of the (client, number). At most 2^24 slots.
  Handle intern_null(const ClientId& client, std::uint64_t number);

  Slot slot(Handle handle) const noexcept {
    return handle.is_null() ? Slot{handle.index()} : slots_of_[handle.index()];
  }
  Handle null_of(Slot slot) const noexcept { return Handle{slot.value | Handle::kNull}; }
  std::uint64_t number(Slot slot) const noexcept { return slots_[slot.value].number; }
  /// Clients are numbered in the order in which they came.
  std::uint32_t client(Slot slot) const noexcept { return slots_[slot.value].client; }
  const ClientId& client_id(std::uint32_t client) const noexcept { return clients_[client]; }
  /// Not for null entries.
  const Digest& digest(Handle handle) const;

  /// Different commands with this client and number.
  std::uint32_t commands_of(Slot slot) const noexcept { return slots_[slot.value].commands; }

  std::size_t commands() const noexcept { return digests_.size(); }
  std::size_t slots() const noexcept { return slots_.size(); }
  std::size_t clients() const noexcept { return clients_.size(); }

  /// The order of entries that came in one round: client, number, the null entry, digest. The same
  /// in every process.
  bool less(Handle a, Handle b) const;

 private:
  struct SlotData {
    std::uint32_t client = 0;
    std::uint64_t number = 0;
    std::uint32_t commands = 0;
  };

  std::uint32_t client_index(const ClientId& client);
  Slot slot_index(std::uint32_t client, std::uint64_t number);

  std::vector<ClientId> clients_;
  std::vector<SlotData> slots_;
  std::vector<Slot> slots_of_;  ///< By handle.
  std::vector<Digest> digests_;
  std::map<ClientId, std::uint32_t> client_names_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Slot> slot_names_;
  std::map<std::pair<std::uint32_t, Digest>, Handle> names_;  ///< By slot and digest.
};

}  // namespace waggle::median
