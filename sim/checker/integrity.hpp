#pragma once

#include <map>

#include "sim/checker/height_window.hpp"
#include "sim/checker/number_set.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// Only submitted commands execute, each at most once per client and number, and all honest
/// replicas decide alike which ones.
class Integrity final : public Property {
 public:
  explicit Integrity(Stage& stage) : Property(stage, "integrity") {}

  void on_submitted(const ClientId& client, std::uint64_t number,
                    const app::KvCommand& command) override;
  void on_commit(ReplicaId replica, const smr::ExecutionJob& job) override;

 private:
  struct Client {
    std::map<std::uint64_t, Bytes> submitted;  ///< Encoded; until executed.
    NumberSet executed;
  };
  struct Decided {
    std::vector<smr::Decision> decisions;
    ReplicaId by;
    Duration at;
  };
  void execute(ReplicaId replica, const RequestRef& request, const CommandRef& command);

  std::map<ClientId, Client> clients_;
  HeightWindow<Decided> decided_;
};

}  // namespace waggle::sim
