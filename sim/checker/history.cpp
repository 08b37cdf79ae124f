#include "sim/checker/history.hpp"

#include <utility>

namespace waggle::sim {
namespace {

Bytes key_of(const app::KvCommand& command) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.key; }) return one.key;
        return Bytes();
      },
      command);
}

std::string told(const app::KvCommand& command) {
  static constexpr std::string_view kNames[] = {"get", "put", "delete", "cas", "increment", "scan"};
  return std::string(kNames[command.index()]);
}

std::string told(const app::KvResult& result) {
  std::string text(app::to_string(result.status));
  if (result.value) text += " \"" + std::string(as_text(*result.value)) + "\"";
  return text;
}

}  // namespace

void History::on_submitted(const ClientId& client, std::uint64_t number,
                           const app::KvCommand& command) {
  const auto key = keys_.try_emplace(key_of(command)).first;
  if (key->second.operations.size() >= kOperationsMax) give_up(key->second);
  if (key->second.unknown) return;
  open_.emplace(std::pair(client, number), Open{key, key->second.operations.size(), now()});
  key->second.operations.push_back({command, ++moments_, std::nullopt, {}});
  ++key->second.open;
}

void History::on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed&,
                              const app::KvResult& result) {
  const auto open = open_.extract(std::pair(client, number));
  if (!open) return;
  const auto& [at, operation, asked] = open.mapped();
  auto& [name, key] = *at;
  if (key.unknown) return;
  KvOperation& one = key.operations.at(operation);
  one.answered = ++moments_;
  one.result = result;
  if (--key.open == 0) search(name, key);
}

void History::search(const Bytes& name, Key& key) {
  if (key.unknown) return;
  const Linearization found = linearize(key.operations, key.states, kConfigurationsMax);
  if (found.verdict == Linearization::Verdict::kNo) {
    const KvOperation& blamed = key.operations.at(found.blamed);
    fail("key \"" + std::string(as_text(name)) + "\": no order of its last " +
         std::to_string(key.operations.size()) + " operations explains that a " +
         told(blamed.command) + " was answered " + told(blamed.result) + ", up to " +
         sim::told(now()));
  }
  key.states = found.states;
  key.operations.clear();
  if (found.verdict != Linearization::Verdict::kYes) give_up(key);
}

void History::give_up(Key& key) {
  if (std::exchange(key.unknown, true)) return;
  ++unknown_;
  key.operations.clear();
}

void History::on_final_state(ReplicaId replica, const storage::Storage& storage) {
  for (const auto& [name, key] : keys_) {
    if (key.unknown) continue;
    // What is still open may have happened or not.
    const Linearization found = linearize(key.operations, key.states, kConfigurationsMax);
    if (found.verdict != Linearization::Verdict::kYes) continue;
    const auto held = storage.get(storage::Family::kState, name);
    if (!held || found.states.contains(*held)) continue;
    const std::string value = *held ? "\"" + std::string(as_text(**held)) + "\"" : "nothing";
    return fail(sim::told(replica) + " holds " + value + " under \"" + std::string(as_text(name)) +
                "\" in the end, which no order explains");
  }
}

}  // namespace waggle::sim
