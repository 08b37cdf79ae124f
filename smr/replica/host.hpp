#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/chained/core.hpp"
#include "smr/replica/client_routes.hpp"
#include "smr/replica/environment.hpp"
#include "smr/replica/explain.hpp"
#include "smr/replica/mempool.hpp"
#include "smr/replica/pulse.hpp"
#include "smr/replica/recovery.hpp"
#include "smr/replica/sessions.hpp"
#include "smr/replica/state_watch.hpp"

namespace waggle::smr {

/// A request whose signature and sizes were checked (check_request), on any thread.
struct VerifiedRequest {
  SharedBytes bytes;
  RequestRef request;
};
Result<VerifiedRequest, Refusal> check_request(SharedBytes bytes, const ChainConfig& config,
                                               const Verifier& verifier);

/// One replica around its core: performs effects in order behind their barriers, feeds the
/// mempool, decides with the sessions what a committed block executes, and answers clients.
///
/// Durability: effects form one queue. What stands behind a Persist leaves only once that record
/// is durable; the core steps on meanwhile, so that several barriers share one sync.
/// Deterministic: sees no clock, thread or global randomness, only its environment and Rng.
/// Not thread-safe; every call comes from the host's thread.
class Host {
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
    /// A request that is in no block after this long is forwarded to all replicas (4.9).
    Duration forward_after = std::chrono::milliseconds(50);
    Buggify* buggify = nullptr;  ///< Only in tests.
  };
  /// Everything referred to must outlive the host. `rejoin`: start with rule 4.10.
  Host(const Setup& setup, Environment& environment, RecoveredReplica recovered, bool rejoin);

  /// To be called once, before anything else.
  void start();

  // What the environment reports.
  void on_message(const Verified<Message>& message);
  void on_report(ReplicaId from, const StateReport& report);
  void on_peer_connected(ReplicaId peer);
  void on_peer_disconnected(ReplicaId peer);
  void on_timer(TimerId timer);
  void on_executed(const ExecutionResult& result);
  /// From a client, or (no connection) forwarded by a replica.
  void on_request(std::optional<ClientConnection> from, VerifiedRequest request);
  /// A request of `size` bytes that did not pass check_request, or of which only the beginning is
  /// here because it is too large.
  void on_refused_request(ClientConnection from, ByteView head, std::uint64_t size, Refusal reason);
  void on_session_query(ClientConnection from, const SessionQuery& query);
  void on_proof_query(ClientConnection from, const ProofQuery& query);
  void on_connection_closed(ClientConnection connection);

  struct Counters {
    std::array<std::uint64_t, kRefusalCount> refused{};  ///< By reason, protocol and clients.
    std::uint64_t blocks_committed = 0;
    std::uint64_t blocks_proposed = 0;
    std::uint64_t requests_forwarded = 0;
    std::uint64_t state_mismatches = 0;  ///< Peers whose state differs from ours.
  };
  const Counters& counters() const noexcept { return counters_; }
  const Core& core() const noexcept { return core_; }
  const Mempool& mempool() const noexcept { return mempool_; }
  const Executed& executed() const noexcept { return executed_; }
  /// All but the fields that only a process knows: version, time, disk, and with them the findings.
  Status status() const;
  /// The same for what explains it: without the disk.
  Facts facts() const;

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
  void answer_executed(ClientConnection to, const RequestRef& request);
  void reject(std::optional<ClientConnection> to, const RequestRef& request, Refusal reason,
              std::string detail = {});
  bool strikes(Place place) const noexcept { return waggle::strikes(setup_.buggify, place); }
  void count(Refusal reason) { ++counters_.refused[static_cast<std::size_t>(reason)]; }
  void keep_evidence(const Equivocation& evidence);
  void narrate(View view_before, bool passive_before);
  void reply_committed(ClientConnection to, const Committed& answer);
  void arm_forwarding();
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
  ClientRoutes routes_;
  StateWatch watch_;
  Pulse pulse_;
  Counters counters_;

  struct Pending {
    std::uint64_t barrier;  ///< Leaves once this barrier is durable.
    Core::EffectType effect;
  };
  std::deque<Pending> pending_;
  std::deque<Core::InputType> inputs_;  ///< Own messages and what came while stepping.
  std::uint64_t barriers_issued_ = 0;
  std::uint64_t barriers_durable_ = 0;
  bool stepping_ = false;
  bool stopped_ = false;
  bool forwarding_ = false;  ///< The forward timer runs.
  Height reported_;
  std::map<ReplicaId, std::uint64_t> failed_views_;  ///< By leader, since the start.
  std::set<ReplicaId> connected_;
  std::map<ReplicaId, std::uint32_t> serving_;  ///< Answers with blocks under way, by peer.
  std::uint32_t proving_ = 0;                   ///< Commit proofs under way.
};

}  // namespace waggle::smr
