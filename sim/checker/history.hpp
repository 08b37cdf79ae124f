#pragma once

#include <map>

#include "sim/checker/linearizability.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// What clients ask and are told is linearizable, key by key, and in the end every replica holds
/// what it leaves. A key's history is searched whenever nothing is open on it, and forgotten.
class History final : public Property {
 public:
  static constexpr std::size_t kConfigurationsMax = 20'000;
  static constexpr std::size_t kOperationsMax = 200'000;  ///< That overlap, on one key.

  explicit History(Stage& stage) : Property(stage, "linearizability") {}

  void on_submitted(const ClientId& client, std::uint64_t number,
                    const app::KvCommand& command) override;
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result) override;
  void on_final_state(ReplicaId replica, const storage::Storage& storage) override;

  /// Keys whose histories were too hard to search: nothing is claimed of them from there on.
  std::uint64_t unknown() const noexcept { return unknown_; }

 private:
  struct Key {
    std::vector<KvOperation> operations;
    std::size_t open = 0;
    std::set<KvState> states = {KvState{}};
    bool unknown = false;
  };
  struct Open {
    std::map<Bytes, Key>::iterator key;
    std::size_t operation;
    Duration asked;
  };
  void search(const Bytes& name, Key& key);
  void give_up(Key& key);

  std::map<Bytes, Key> keys_;
  std::map<std::pair<ClientId, std::uint64_t>, Open> open_;
  std::uint64_t moments_ = 0;
  std::uint64_t unknown_ = 0;
};

}  // namespace waggle::sim
