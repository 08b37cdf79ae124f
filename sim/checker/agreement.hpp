#pragma once

#include "sim/checker/height_window.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// All honest replicas execute the same blocks in the same order, and clients are told of no
/// others. What was forgotten is not compared again; the first height that is remembered settles
/// it, because a block names all its ancestors.
class Agreement final : public Property {
 public:
  explicit Agreement(Stage& stage) : Property(stage, "agreement"), executed_(stage.n) {}

  void on_commit(ReplicaId replica, const smr::ExecutionJob& job) override;
  void on_restarted(ReplicaId replica, const smr::Executed& position) override;
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result) override;

  Height highest() const {
    return chain_.end() == Height{1} ? Height{0} : Height{chain_.end().value - 1};
  }

 private:
  struct Entry {
    Digest block;
    View view;
    ReplicaId by;  ///< Who committed it first.
    Duration at;
  };
  static std::string told_of(const Entry& entry);

  HeightWindow<Entry> chain_;
  std::vector<Height> executed_;
};

}  // namespace waggle::sim
