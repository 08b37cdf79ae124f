#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/chained/block_tree.hpp"
#include "consensus/chained/fetcher.hpp"
#include "consensus/chained/invariants.hpp"
#include "consensus/chained/messages.hpp"
#include "consensus/chained/pacemaker_config.hpp"
#include "consensus/chained/record.hpp"
#include "consensus/chained/rules.hpp"
#include "consensus/chained/safety.hpp"
#include "consensus/chained/timeout_collector.hpp"
#include "consensus/chained/vote_collector.hpp"
#include "consensus/core/buggify.hpp"
#include "consensus/core/protocol_core.hpp"

namespace waggle::chained {

/// One replica of a chained protocol, pBeeGees first of all (docs/spec/pbeegees.md). Input in,
/// effects out; the rules are where one would look for them:
///   rules.hpp              3, 5      what one protocol does differently from another;
///                                    pBeeGees': consensus/pbeegees/rules.hpp
///   structure.hpp          3.1-3.3, 3.5, as far as all agree
///   safety.hpp             4.2-4.4   what may be signed
///   vote_collector.hpp     4.3, 4.7
///   timeout_collector.hpp  4.5, 4.6
///   this class             4.1-4.10, 5.3: the order in which things happen
/// A step notes what its input says and then applies the rules until none of them changes
/// anything any more (settle). Not thread-safe; the owner calls from one thread.
class Core {
 public:
  using MessageType = Message;
  using RecordType = Record;
  using Recovered = chained::Recovered;
  using InputType = Input<Message>;
  using EffectType = Effect<Message, Record>;
  using Effects = std::vector<EffectType>;

  struct Setup {
    const ChainConfig& chain;
    const Rules& rules;  ///< Which protocol.
    PacemakerConfig pacemaker;
    ReplicaId self;
    const Hasher& hasher;
    PayloadSource& payloads;
    Rng& rng;
    Buggify* buggify = nullptr;  ///< Only in tests.
  };
  /// Everything referred to must outlive the core.
  explicit Core(const Setup& setup);

  /// To be called once, before any step. Appends to `out`.
  void start(const Recovered& recovered, Effects& out) noexcept;
  /// Appends the effects of one input to `out`.
  void step(const InputType& input, Effects& out) noexcept;
  void check_invariants() const noexcept;
  /// Equal for two cores that saw the same inputs; for determinism checks.
  Digest state_digest() const noexcept;

  // What hosts, status pages and tests may look at.
  const BlockTree& tree() const noexcept { return tree_; }
  const SafetyRecord& record() const noexcept { return safety_.record(); }
  View view() const noexcept { return safety_.view(); }
  bool passive() const noexcept { return safety_.passive(); }
  bool busy() const;
  const BlockPtr& genesis() const noexcept { return genesis_; }
  /// The leader of the current view has proposed to us, or payload is on its way to a commit.
  bool has_uncommitted_payload() const;
  /// The highest certificate known cannot have committed the head.
  bool lost_proof_of_head() const;
  /// Another replica gave up the view of an idle chain, and needs a certified block.
  bool owes_help() const { return safety_.record().high_qc->view < help_until_certified_; }
  struct Counters {
    std::uint64_t timeouts = 0;           ///< View timers that ran out.
    std::uint64_t suspended_commits = 0;  ///< Pre-commit validation failed (5.2).
    Digest suspended_last;                ///< The block that was not committed, the last time.
    Tip suspended_for;  ///< A tip of B2's TC that was missing then; of view 0 if none.
    std::uint64_t low_conflicts = 0;  ///< Certified blocks below the head that conflict (5.3).
    std::uint64_t equivocations = 0;  ///< Views with two signed blocks.
  };
  const Counters& counters() const noexcept { return counters_; }
  /// What the core waits for, to be told to people.
  struct Waiting {
    struct Rejoin {
      std::uint32_t reports = 0;  ///< Others that answered.
      View bound;                 ///< M, once q of them did.
      View certified;             ///< The highest QC's.
    };
    std::vector<ReplicaId> gave_up;   ///< Their timeouts of the current view came; ours too (4.4).
    bool fetching = false;            ///< Blocks are missing and were asked for (4.8).
    std::optional<Height> suspended;  ///< Above the head, its last commit held up by 5.2.
    std::optional<Rejoin> rejoin;     ///< While 4.10 lasts.
  };
  Waiting waiting() const;

  static constexpr TimerId kViewTimer{1};
  static constexpr TimerId kHeartbeatTimer{2};
  static constexpr TimerId kFetchTimer{3};
  static constexpr TimerId kRejoinTimer{4};
  static constexpr TimerId kRejoinRateTimer{5};

 private:
  // Inputs (core.cpp, core_sync.cpp).
  void on(const Verified<Message>& verified);
  void on(const TimerFired& fired);
  void on(const CommandsReady&) {}  // settle() looks at the mempool itself
  void on(const PeerConnected& connected);
  void on(const PeerDisconnected& gone) { unreachable_.insert(gone.peer); }
  void on_message(const Proposal& proposal, ReplicaId from);
  void on_message(const Vote& vote, ReplicaId from);
  void on_message(const TimeoutMessage& message, ReplicaId from);
  void on_message(const Certificate& certificate, ReplicaId from);
  void on_message(const Heartbeat& heartbeat, ReplicaId from);
  void on_message(const BranchRequest& request, ReplicaId from);
  void on_message(const Branch& branch, ReplicaId from);
  void on_message(const RejoinChallenge& challenge, ReplicaId from);
  void on_message(const RejoinReport& report, ReplicaId from);

  // Learning (core.cpp).
  /// False for a block that leads nowhere: refused, or connected and invalid.
  bool accept_block(const BlockPtr& block, bool solicited, ReplicaId from);
  void note_equivocation(const Node& node);
  void learn_qc(const QcPtr& qc, ReplicaId source);
  void learn_tc(const TcPtr& tc);
  void learn_vote(ReplicaId voter, View view, const Digest& block, const Signature& signature,
                  bool from_timeout);
  void learn_timeout(const Timeout& timeout, ReplicaId from);

  // Rules, applied until nothing changes (core_rules.cpp). True: something changed.
  void settle();
  void absorb_tree_changes();
  void on_certified(Node& node);
  void suspend(const Node& b2, const Node& b1);
  void commit(Node& b1, const Node& b2);
  bool enter_by_timeouts();
  bool join();
  bool vote();
  bool propose();
  bool end_rejoin();
  void announce_qc();

  // Views and timers (core_views.cpp).
  bool enter(View view, ViewProof proof);
  void send_timeout();
  void update_view_timer();
  Duration view_timer() const;
  Duration timer_base() const;
  std::optional<Parent> choose_parent();
  /// Null when there turns out to be nothing to propose.
  BlockPtr build_block(const Parent& parent);

  // Sync (core_sync.cpp).
  void on_rejoin_rate_timer();
  void answer_with_entry(ReplicaId to);
  void send_challenge();
  void ask_for_missing();

  void restore_tree(const Recovered& recovered);
  /// Emits the safety record and the blocks from the committed head up to the tip, and up to
  /// `also`.
  void persist(Node* also = nullptr);
  void store_branch(Node* up_to, std::vector<ChainedBlock>& blocks);
  void emit(EffectType effect);
  void refuse(ReplicaId from, Refusal reason);
  void halt(std::string reason);
  /// Others need a new certified block, whatever this replica's own commands.
  bool owes_block() const { return owes_rejoin_ || owes_help() || lost_proof_of_head(); }
  bool called_for_help() const;
  const Guards& guards() const noexcept { return setup_.rules.guards(); }
  bool strikes(Place place) const noexcept { return waggle::strikes(setup_.buggify, place); }
  ReplicaId leader(View view) const { return setup_.chain.leader(view); }
  bool is_leader(View view) const { return leader(view) == setup_.self; }

  const Setup setup_;
  const BlockPtr genesis_;
  BlockTree tree_;
  SafetyRules safety_;
  VoteCollector votes_;
  TimeoutCollector timeouts_;
  Fetcher fetcher_;
  Invariants invariants_;
  Counters counters_;
  Effects* out_ = nullptr;  ///< Only inside start() and step().
  bool halted_ = false;

  std::set<Digest> certified_;   ///< Certified blocks whose consequences are to be drawn.
  std::set<Digest> suspended_;   ///< Certified blocks that 5.2 held up for a missing tip.
  std::vector<Digest> dropped_;  ///< For the next record.
  static constexpr std::size_t kJustCommittedMax = 8;
  std::deque<PayloadPtr> just_committed_;  ///< Not to be proposed again though the host has them.
  std::set<View> equivocated_views_;       ///< Evidence was emitted already.
  Digest durable_tip_;                     ///< Of the last record that was persisted.
  QcPtr to_announce_;                      ///< Assembled as collector and not yet broadcast (4.9).

  // Pacemaker.
  std::uint32_t failed_views_ = 0;  ///< In a row, less one per success.
  std::uint32_t repeats_ = 0;       ///< Timeouts sent for the current view.
  bool grace_ = false;              ///< 4.7: the current view's leader was the silent collector.
  bool timer_running_ = false;
  Duration running_base_{0};         ///< What the running timer grew from.
  std::set<ReplicaId> unreachable_;  ///< No connection to them.
  bool announced_in_view_ = false;   ///< Our proposal or QC of this view went to everybody.
  bool fetch_timer_running_ = false;
  View help_until_certified_{0};  ///< Busy for another's sake until this view or a higher one is.

  // Rejoin (4.10).
  std::map<ReplicaId, View> reports_;   ///< To us: the first of every reporter.
  std::set<ReplicaId> answered_;        ///< Challengers that wait for the rate timer.
  View busy_until_certified_above_{0};  ///< Our highest answer + 1.
  bool owes_rejoin_ = false;            ///< Until a block above that is certified.
  std::uint32_t rejoin_quiet_ = 0;      ///< Rate timers since the last challenge.
};

static_assert(ProtocolCore<Core>);

}  // namespace waggle::chained
