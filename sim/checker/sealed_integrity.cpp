#include "sim/checker/sealed_integrity.hpp"

namespace waggle::sim {

void SealedIntegrity::on_submitted(const ClientId& client, std::uint64_t number,
                                   const app::KvCommand& command) {
  const Digest leaf = command_leaf(client, number, app::encode(command), hasher_);
  submitted_.emplace(leaf, Number{client, number});
}

void SealedIntegrity::on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                                const smr::Executed&) {
  for (const median::Sealed& entry : entries) {
    if (entry.position < end_) continue;  // that servers agree is not judged here
    end_ = entry.position + 1;
    if (!entry.applies) continue;
    const auto wrong = [&](const std::string& how) {
      fail(told(server) + " executes at position " + std::to_string(entry.position) + " " +
           told(now()) + how);
    };
    if (!entry.entry.digest || !entry.request) return wrong(" what is no command");
    const auto found = submitted_.find(*entry.entry.digest);
    if (found == submitted_.end()) return wrong(" what was never submitted");
    const auto& [client, number] = found->second;
    const CommandRef command = commands_of(*entry.request).front();
    const std::string told_command =
        " command " + std::to_string(number) + " of client " + short_hex(client);
    const bool same = command.number == number &&
                      command_leaf(client, number, command.bytes, hasher_) == found->first;
    if (!same) return wrong(told_command + ", but not as it was submitted");
    if (!position_.emplace(found->second, entry.position).second) {
      return wrong(told_command + " once more");
    }
  }
}

void SealedIntegrity::on_acknowledged(const ClientId& client, std::uint64_t number,
                                      const smr::Committed& where, const app::KvResult&) {
  const auto found = position_.find({client, number});
  if (found != position_.end() && found->second + 1 == where.height.value) return;
  fail("a client is told " + told(now()) + " that its command " + std::to_string(number) +
       " is entry " + std::to_string(where.height.value) +
       (found == position_.end() ? ", which nobody executed"
                                 : ", but it is " + std::to_string(found->second + 1)));
}

}  // namespace waggle::sim
