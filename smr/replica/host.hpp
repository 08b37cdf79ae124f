#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/chained/core.hpp"
#include "smr/replica/effect_queue.hpp"
#include "smr/replica/explain.hpp"
#include "smr/replica/mempool.hpp"
#include "smr/replica/pulse.hpp"
#include "smr/replica/recovery.hpp"
#include "smr/replica/replica_host.hpp"
#include "smr/replica/retry_queue.hpp"
#include "smr/replica/sessions.hpp"
#include "smr/replica/state_watch.hpp"

namespace waggle::smr {

/// A replica around a chained core: performs effects in order behind their barriers, feeds the
/// mempool, decides with the sessions what a committed block executes, and answers clients.
///
/// Durability: effects form one queue. What stands behind a Persist leaves only once that record
/// is durable; the core steps on meanwhile, so that several barriers share one sync.
/// Deterministic: sees no clock, thread or global randomness, only its environment and Rng.
/// Not thread-safe; every call comes from the host's thread.
class Host final : public ReplicaHost {
 public:
  using Core = chained::Core;
  using Message = chained::Message;

  struct Setup {
    const ChainConfig& chain;
    const chained::Rules& rules;  ///< The protocol.
    ReplicaId self;
    const Hasher& hasher;
    const Signer& signer;  ///< The consensus key.
    Rng& rng;
    chained::PacemakerConfig pacemaker;
    MempoolLimits mempool;
    /// A request that is in no block after one to two of these delays is forwarded to all replicas
    /// (4.9), unless many wait and a block of ours with commands was committed in the last
    /// kOwnDelaysMax (Mempool::tick).
    Duration forward_after = std::chrono::milliseconds(50);
    Buggify* buggify = nullptr;  ///< Only in tests.
  };
  static constexpr std::uint32_t kOwnDelaysMax = 8;
  /// Everything referred to must outlive the host. `rejoin`: start with rule 4.10.
  Host(const Setup& setup, Environment& environment, RecoveredReplica recovered, bool rejoin);

  void start() override;

  void on_message(const Verified<Message>& message);
  void on_report(ReplicaId from, const StateReport& report) override;
  void on_peer_connected(ReplicaId peer) override;
  void on_peer_disconnected(ReplicaId peer) override;
  void on_timer(TimerId timer) override;
  void on_executed(const ExecutionResult& result);
  void on_request(std::optional<ClientConnection> from, VerifiedRequest request) override;
  void on_refused_request(ClientConnection from, ByteView head, std::uint64_t size,
                          Refusal reason) override;
  void on_session_query(ClientConnection from, const SessionQuery& query) override;
  void on_proof_query(ClientConnection from, const ProofQuery& query) override;
  void on_connection_closed(ClientConnection connection) override;

  struct Counters : HostCounters {
    std::uint64_t blocks_committed = 0;
    std::uint64_t blocks_proposed = 0;
    std::uint64_t requests_forwarded = 0;
  };
  const Counters& counters() const noexcept override { return counters_; }
  const Core& core() const noexcept { return core_; }
  const Mempool& mempool() const noexcept { return mempool_; }
  const Executed& executed() const noexcept { return executed_; }
  Status status() const override;
  /// What explains it, without the disk.
  Facts facts() const;
  std::vector<Finding> findings(std::optional<std::uint64_t> disk_free) const override;
  std::span<const Sentence> sentences() const override { return replica_sentences(); }

 private:
  using Effects = Core::Effects;

  void feed(Core::InputType input);
  void drain();
  void perform(Effects effects);
  void release();
  void perform_now(Core::EffectType& effect);
  void dispatch(ReplicaId to, Message message);
  void commit(const Commit& commit);
  void serve_branch(ReplicaId to, chained::BranchRequest request);
  void answer_retries();
  void answer_executed(ClientConnection to, const RequestRef& request);
  bool strikes(Place place) const noexcept { return waggle::strikes(setup_.buggify, place); }
  void count(Refusal reason) { desk_.count(reason); }
  void keep_evidence(const Equivocation& evidence);
  void narrate(View view_before, bool passive_before);
  void reply_committed(ClientConnection to, const Committed& answer);
  void arm_forwarding();
  void forward_requests();
  void miss_peers();
  void reconnect();
  void report_state();
  void feel_pulse();
  std::uint64_t mempool_refusals() const;
  void halt_for_good(const std::string& reason);
  void stop(std::string reason);

  static constexpr TimerId kForwardTimer{64};
  static constexpr TimerId kReportTimer{65};

  const Setup setup_;
  Environment& environment_;
  Sessions sessions_;
  Mempool mempool_;
  Core core_;
  chained::Recovered recovered_;
  Executed executed_;
  StateWatch watch_;
  Pulse pulse_;
  Counters counters_;
  ClientDesk desk_;

  EffectQueue<Core::EffectType> queue_;
  std::deque<Core::InputType> inputs_;  ///< Own messages and what came while stepping.
  bool stepping_ = false;
  bool stopped_ = false;
  bool missed_ = false;  ///< Those who never connected were told to the core.
  /// Delays of forwarding since a block of ours with commands was committed, kOwnDelaysMax at most.
  std::uint32_t delays_since_own_ = kOwnDelaysMax;
  bool forwarding_ = false;  ///< The forward timer runs.
  Height reported_;
  std::map<ReplicaId, std::uint64_t> failed_views_;  ///< By leader, since the start.
  std::set<ReplicaId> connected_;
  std::map<ReplicaId, std::uint32_t> serving_;  ///< Answers with blocks under way, by peer.
  std::uint32_t proving_ = 0;                   ///< Commit proofs under way.
  RetryQueue retries_;
  std::uint32_t answering_ = 0;  ///< Of them, answers under way.
};

}  // namespace waggle::smr
