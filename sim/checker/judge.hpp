#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/checker/agreement.hpp"
#include "sim/checker/bounds.hpp"
#include "sim/checker/durability.hpp"
#include "sim/checker/history.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// Hands the events of a run to all properties, those of excused replicas apart, and keeps what
/// they find. Agreement, integrity, durability, state, linearizability and bounds are always
/// there.
class Judge {
 public:
  /// `tips_follow_votes`: see Stage.
  Judge(std::uint32_t n, std::uint32_t f, bool tips_follow_votes);

  /// A further property, made with the judge's stage.
  template <class P, class... Arguments>
  void demand(Arguments... arguments) {
    properties_.push_back(std::make_unique<P>(stage_, arguments...));
  }

  const std::vector<Violation>& violations() const noexcept { return stage_.violations; }
  /// For what is found by no property of its own.
  void fail(std::string_view property, std::string detail) {
    stage_.violations.push_back({std::string(property), std::move(detail)});
  }
  /// The rules of honest replicas do not bind this one.
  void excuse(ReplicaId replica) { excused_.insert(replica); }
  bool honest(ReplicaId replica) const { return !excused_.contains(replica); }

  void set_now(Duration now) noexcept { stage_.now = now; }
  void on_sent(ReplicaId replica, const chained::Message& message);
  void on_block(const Block& block);
  void on_held_up(ReplicaId replica, const Digest& block, const Tip& tip);
  void on_commit(ReplicaId replica, const smr::ExecutionJob& job);
  void on_executed(ReplicaId replica, const smr::Executed& position);
  void on_restarted(ReplicaId replica, const smr::Executed& position);
  void on_usage(ReplicaId replica, const Usage& usage);
  void on_submitted(const ClientId& client, std::uint64_t number, const app::KvCommand& command);
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result);
  void on_proof(ReplicaId replica, const certificate::ProvenCommit& proven);
  void on_healed();
  void on_time();
  void on_final_state(ReplicaId replica, const storage::Storage& storage);

  /// The highest height that any honest replica committed.
  Height highest() const { return agreement_->highest(); }
  std::uint64_t news() const { return durability_->news(); }
  const Usage& usage() const { return bounds_->highest(); }
  std::uint64_t unknown_keys() const { return history_->unknown(); }

 private:
  template <class P>
  P* always();
  void forget();

  Stage stage_;
  std::set<ReplicaId> excused_;
  std::vector<std::unique_ptr<Property>> properties_;
  Agreement* agreement_;
  Durability* durability_;
  Bounds* bounds_;
  History* history_;
  std::vector<Height> executed_;  ///< By replica, the highest of its current life.
};

}  // namespace waggle::sim
