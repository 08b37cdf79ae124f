#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "smr/median/server.hpp"
#include "smr/replica/admission.hpp"
#include "smr/replica/effect_queue.hpp"
#include "smr/replica/median_explain.hpp"
#include "smr/replica/pulse.hpp"
#include "smr/replica/replica_host.hpp"
#include "smr/replica/sealed_executor.hpp"
#include "smr/replica/state_transfer.hpp"
#include "smr/replica/state_watch.hpp"

namespace waggle::smr {

/// What a median server finds when it starts (median_recovery.hpp).
struct RecoveredMedian {
  median::Rows rows;  ///< Of its core; none: a new server, or one that lost its memory.
  Executed position;
  /// The final prefix at that position, if it came with the state of another server.
  median::FinalPtr installed;
};

/// A replica around a server of the sealed median rule (docs/spec/median-smr.md, 8 and 9):
/// performs its effects in order behind their barriers, has sealed entries executed, and answers
/// clients. Its environment, which alone has a clock, says when a round begins.
///
/// A lane of a client (median/named.hpp) has one command in flight. Its last result is kept, and
/// is the answer to a retry.
class MedianHost final : public ReplicaHost {
 public:
  using Message = median::Message;

  struct Setup {
    const ChainConfig& chain;
    median::Parameters parameters;
    ReplicaId self;
    const Hasher& hasher;
    const Signer& signer;      ///< The consensus key.
    const Verifier& verifier;  ///< Of any thread.
    Rng& rng;
    Duration round = std::chrono::milliseconds(20);  ///< Its length; only for explanations.
    MempoolLimits mempool;                           ///< Of what waits for admission.
    median::SealingGuards guards;                    ///< Only tests change them.
  };
  /// Everything referred to must outlive the host. `rejoin`: it had a memory and lost it (8.7).
  /// Refuses (kMalformed) rows that no server wrote: the disk is corrupt.
  static Result<std::unique_ptr<MedianHost>, Refusal> open(const Setup& setup,
                                                           Environment& environment,
                                                           RecoveredMedian recovered, bool rejoin);

  void start() override;

  void on_message(const Verified<Message>& message);
  /// The environment's clock says that this round has begun. Rounds rise.
  void on_round(median::Round round);
  void on_state_request(ReplicaId from, const StateRequest& request);
  void on_state_chunk(ReplicaId from, const StateChunk& chunk);
  void on_report(ReplicaId from, const StateReport& report) override;
  void on_peer_connected(ReplicaId peer) override;
  void on_peer_disconnected(ReplicaId peer) override;
  void on_timer(TimerId timer) override;
  void on_request(std::optional<ClientConnection> from, VerifiedRequest request) override;
  void on_refused_request(ClientConnection from, ByteView head, std::uint64_t size,
                          Refusal reason) override;
  void on_session_query(ClientConnection from, const SessionQuery& query) override;
  void on_proof_query(ClientConnection from, const ProofQuery& query) override;
  void on_connection_closed(ClientConnection connection) override;

  const HostCounters& counters() const noexcept override { return counters_; }
  const median::Server& server() const noexcept { return *server_; }
  const Executed& executed() const noexcept { return executed_; }
  Status status() const override;
  /// What explains it, without the disk.
  MedianFacts facts() const;
  std::vector<Finding> findings(std::optional<std::uint64_t> disk_free) const override;
  std::span<const Sentence> sentences() const override { return median_sentences(); }

 private:
  MedianHost(const Setup& setup, Environment& environment, RecoveredMedian recovered,
             std::unique_ptr<median::Server> server);

  // Effects (median_host.cpp).
  void feed(median::Input input);
  void drain();
  void perform(median::Effects effects);
  void perform_now(median::Effect& effect);
  void write(const median::Rows& rows);
  void dispatch(ReplicaId to, Message message);
  void execute(median::SealedRun run);
  void execute_part(median::SealedRun run);
  void on_executed(const SealedResult& result);
  void execute_sealed();
  void tick();
  void report_state();
  void watch_clocks();
  void watch_round();
  void stop(std::string reason);

  // State transfer (median_state.cpp).
  void fetch_state(std::optional<ReplicaId> from);
  void ask(const std::optional<StateFetch::Asking>& asking);
  void install(Bytes state);
  void on_installed(const Result<median::FinalPtr, Refusal>& result, const Executed& position);

  // Clients (median_clients.cpp).
  void answer_retry(ClientConnection to, const RequestRef& request, const median::Command& command);
  void answer(const SealedResult& result);
  void forget_if_final(const ClientId& lane);
  void submit_early();
  std::optional<Refusal> take(median::Content content);
  void admit();

  static constexpr TimerId kTickTimer{65};
  static constexpr std::size_t kPartEntries = 64;  ///< docs/adr/0014-room-for-results.md
  /// Commands that came before their turn, at most.
  static constexpr std::size_t kEarlyMax = 4096;
  /// So many sealed entries may wait for the state machine before clients have to. With all that
  /// a log holds they are still kept: servers that lag and crash, all at once, execute them again
  /// (decision bb).
  static constexpr std::uint64_t kBehindMax = median::kSealedKept - median::kLogEntriesMax;

  const Setup setup_;
  Environment& environment_;
  const std::unique_ptr<median::Server> server_;
  RecoveredMedian recovered_;
  Executed executed_;
  std::uint64_t handed_over_;  ///< Entries that the executor was given, or has.
  StateWatch watch_;
  Pulse pulse_;
  HostCounters counters_;
  ClientDesk desk_;

  EffectQueue<median::Effect> queue_;
  std::deque<median::Input> inputs_;  ///< Own messages and what came while stepping.
  bool stepping_ = false;
  bool stopped_ = false;

  /// Whose command in flight in a lane is, so that it can be told what became of it.
  struct Waiting {
    ClientId client;
    std::uint64_t whole = 0;  ///< Its number, lane included.
  };
  std::map<ClientId, Waiting> waiting_;  ///< By lane.
  Admission admission_;
  std::size_t admitted_ = 0;        ///< Of them in inputs_.
  std::uint64_t skipped_seen_ = 0;  ///< Up to the last round, as the next.
  std::map<ReplicaId, median::Server::Timing> timing_seen_;
  /// By lane: the number after the one in flight, of a client that heard of that one's seal first.
  std::map<ClientId, median::Content> early_;

  StateOffer offer_;
  StateFetch fetch_;
  bool installing_ = false;

  std::set<ReplicaId> connected_;
  std::pair<Height, Digest> checkpoint_;  ///< The last one.
  Height checkpoint_reported_;
  Height reported_;
  std::map<ReplicaId, median::Server::Timing> timing_before_;
  std::set<ReplicaId> suspects_;  ///< Out of step in the last second.
  std::set<ReplicaId> early_peers_;
  std::set<ReplicaId> late_peers_;
  median::Server::Counters counters_before_;
  std::uint64_t rounds_missed_ = 0;  ///< Of the last tick.
  std::uint64_t rounds_seen_ = 0;
};

}  // namespace waggle::smr
