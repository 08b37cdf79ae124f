#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/checker/agreement.hpp"
#include "sim/checker/bounds.hpp"
#include "sim/checker/durability.hpp"
#include "sim/checker/history.hpp"
#include "sim/checker/promises.hpp"
#include "sim/checker/property.hpp"
#include "sim/checker/sealed_agreement.hpp"

namespace waggle::sim {

/// Hands the events of a run to all properties, those of excused replicas apart, and keeps what
/// they find. Agreement, durability, linearizability and bounds are always there, and where blocks
/// are committed integrity and state.
class Judge {
 public:
  enum class Of : std::uint8_t {
    kBlocks,   ///< Chained cores.
    kEntries,  ///< The median rule.
  };
  /// `tips_follow_votes`: see Stage.
  Judge(Of of, std::uint32_t n, std::uint32_t f, bool tips_follow_votes);

  /// A further property, made with the judge's stage.
  template <class P, class... Arguments>
  P& demand(Arguments... arguments) {
    auto made = std::make_unique<P>(stage_, arguments...);
    P& property = *made;
    properties_.push_back(std::move(made));
    return property;
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
  void on_said(ReplicaId server, const median::Message& message);
  void on_final(ReplicaId server, const median::FinalPrefix& final);
  void on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                 const smr::Executed& after);
  void on_installed(ReplicaId server, const smr::Executed& at);
  void on_seal_proof(ReplicaId server, const certificate::ProvenSeal& proven);
  void on_forgot(ReplicaId replica);
  void on_restarted(ReplicaId replica, const smr::Executed& position);
  void on_usage(ReplicaId replica, const Usage& usage);
  void on_submitted(const ClientId& client, std::uint64_t number, const app::KvCommand& command);
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result);
  void on_proof(ReplicaId replica, const certificate::ProvenCommit& proven);
  void on_healed();
  void on_time();
  void on_final_state(ReplicaId replica, const storage::Storage& storage);

  /// The highest height that any honest replica committed; or entries executed.
  Height highest() const {
    return agreement_ ? agreement_->highest() : Height{sealed_agreement_->executed()};
  }
  std::uint64_t news() const { return durability_ ? durability_->news() : promises_->news(); }
  const Usage& usage() const { return bounds_->highest(); }
  std::uint64_t unknown_keys() const { return history_->unknown(); }

 private:
  template <class P>
  P* always();
  void forget();

  Stage stage_;
  std::set<ReplicaId> excused_;
  std::vector<std::unique_ptr<Property>> properties_;
  Agreement* agreement_ = nullptr;
  Durability* durability_ = nullptr;
  SealedAgreement* sealed_agreement_ = nullptr;
  Promises* promises_ = nullptr;
  Bounds* bounds_;
  History* history_;
  std::vector<Height> executed_;  ///< By replica, the highest of its current life.
};

}  // namespace waggle::sim
