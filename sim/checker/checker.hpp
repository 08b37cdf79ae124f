#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "smr/replica/execution.hpp"
#include "storage/storage.hpp"

namespace waggle::sim {

/// What must hold in every world, judged from outside: from messages on the wire, from what
/// replicas execute and from what clients are told. Shares no code with the rules it judges and
/// remembers across restarts. The first violation is kept; the world stops at it.
class Checker {
 public:
  explicit Checker(std::uint32_t n) : replicas_(n) {}

  const std::optional<std::string>& violation() const noexcept { return violation_; }
  void fail(std::string what) {
    if (!violation_) violation_ = std::move(what);
  }

  /// The rules of honest replicas do not bind this one.
  void excuse(ReplicaId replica) { excused_.insert(replica); }
  bool honest(ReplicaId replica) const { return !excused_.contains(replica); }

  /// Agreement and exactly-once: a replica is about to execute a committed block.
  void on_commit(ReplicaId replica, const smr::ExecutionJob& job);
  /// Equal states at equal heights.
  void on_executed(ReplicaId replica, const smr::Executed& position);
  /// A replica came back at this position.
  void on_restarted(ReplicaId replica, const smr::Executed& position);
  /// Durability of votes, timeouts and proposals, as seen on the wire over all restarts.
  void on_sent(ReplicaId replica, const chained::Message& message);

  void on_submitted(bool increment) { increments_submitted_ += increment ? 1 : 0; }
  /// A client believes a result: f+1 replicas told it.
  void on_acknowledged(const ClientId& client, const smr::Committed& where,
                       const smr::CommandResult& result);
  void on_acknowledged_increment(const Bytes& sum);
  void on_acknowledged_put(Bytes key, Bytes value);

  /// Everything acknowledged is in this replica's state, and nothing was applied twice.
  void check_state(ReplicaId replica, const storage::Storage& storage);

  std::uint64_t increments_acknowledged() const { return sums_seen_.size(); }
  std::uint64_t increments_submitted() const { return increments_submitted_; }
  Height highest() const {
    return chain_.empty() ? Height{0} : chain_.rbegin()->first;
  }
  std::optional<Digest> block_at(Height height) const;
  /// Proposals, votes and timeouts that honest replicas have sent, repetitions not counted.
  std::uint64_t news() const { return news_; }

  static constexpr std::string_view kCounterKey = "shared counter";

 private:
  struct Seen {
    std::map<View, Digest> votes;
    std::map<View, Digest> proposals;
    /// Of every view with a timeout: the lowest tip that was reported for it.
    std::map<View, Tip> timeouts;
    Height executed;
  };
  void on_vote(ReplicaId replica, View view, const Digest& block);
  void on_timeout(ReplicaId replica, const Timeout& timeout);
  /// The lemma behind safety: whoever times out in v reports a tip that covers its votes up to v.
  void check_covered(ReplicaId replica, View voted, const Digest& block, View timeout,
                     const Tip& tip);

  std::optional<std::string> violation_;
  std::set<ReplicaId> excused_;
  std::vector<Seen> replicas_;
  std::map<Height, Digest> chain_;
  std::map<Height, View> views_;
  std::map<Height, Digest> states_;
  std::map<std::pair<ClientId, std::uint64_t>, Height> executed_at_;
  std::set<std::string> sums_seen_;
  std::map<Bytes, Bytes> puts_;
  std::uint64_t increments_submitted_ = 0;
  std::uint64_t news_ = 0;
};

}  // namespace waggle::sim
