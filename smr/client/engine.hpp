#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "smr/client/capability.hpp"
#include "smr/client/chain_store.hpp"
#include "smr/client/courier.hpp"
#include "smr/client/latency_estimate.hpp"
#include "smr/client/number_store.hpp"
#include "smr/client/options.hpp"
#include "smr/client/outcome.hpp"
#include "smr/client/preference.hpp"
#include "smr/client/reply_collector.hpp"
#include "smr/client/session_poll.hpp"
#include "smr/client/window.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::client {

/// Commands that belong into one request, in order.
struct Group {
  std::vector<Bytes> commands;  ///< 1 .. Engine::group_max() of them.
  Duration deadline{0};
  Done done;  ///< Null for fillers.
};

/// A message for one replica.
struct Sending {
  ReplicaId to;
  smr::ClientMessage message;
};

/// What a client remembers across restarts.
struct Stores {
  NumberStore& numbers;
  ChainStore* chains = nullptr;  ///< Null: nothing is kept for certificates.

  /// To be called before what the engine sends leaves the process.
  Result<void, std::string> sync() const;
};

/// A callback and what it is to be called with.
struct Completion {
  Done done;
  std::vector<Outcome> outcomes;
};

/// All that one session of a client decides, without sockets, threads and clocks: what comes in are
/// commands, messages, connections and the time; what comes out are messages to send and outcomes
/// to report, to be taken after every call, messages after Stores::sync(). Time is a span since any
/// fixed moment. Not thread-safe.
///
/// Numbers. Every command gets a number; a (client, number) executes at most once, so a number must
/// never be given to two commands, not even across restarts. Before its first request a session
/// asks the replicas for the lowest number L that it has not executed (session_poll.hpp). W is the
/// window, Capability::window.
///   - The store knows that all used numbers are below U. The session goes on at max(L, U). Numbers
///     in L .. U-1 may have been used by commands whose fate nobody waits for any more; replicas
///     execute at most W numbers from the lowest unexecuted one on, so these holes are closed with
///     empty commands ("fillers") under the same numbers. Whichever of the two commits is executed.
///   - The store knows nothing. An earlier incarnation may have used any of the W numbers from its
///     own lowest on. So L .. L+W-1 are filled; when that has committed the lowest number L' is
///     asked for again and L' .. L'+W-1 are filled too; all numbers above are taken for unused.
///     That is wrong only if those who were believed lagged behind what the earlier incarnation had
///     seen, twice. Whoever wants certainty keeps the number file.
/// Both hold only if the earlier incarnation has stopped.
///
/// Certificates, of the median rule. A command is stored before it is sent, and what came with its
/// acknowledgement before the next one is. If that was missed, because the process ended, the very
/// command is sent again under its number at the next start, instead of a filler.
///
/// A command whose deadline passed after it was sent has outcome Unknown, but its request stays and
/// is sent again until its fate is known, because its numbers would block the window otherwise.
class Engine {
 public:
  /// Everything that is passed by reference must outlive the engine. `latency` is what all lanes of
  /// the client have measured; `lane`: which of the key's sessions it is, below
  /// Capability::lanes_max.
  Engine(const ClientOptions& options, const Signer& key, Stores stores, Rng& rng,
         LatencyEstimate& latency, std::uint16_t lane = 0);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Commands in one group at most: those of one request.
  std::size_t group_max() const;
  void submit(Group group, Duration now);
  /// Waits on for a number whose outcome was Unknown.
  void resume(std::uint64_t number, Duration deadline, Done done, Duration now);

  void connection_up(ReplicaId replica, Duration now);
  void connection_down(ReplicaId replica, const std::string& why, Duration now);
  void receive(ReplicaId from, const smr::ReplicaMessage& message, Duration now);
  /// To be called at next_tick(); early is harmless.
  void tick(Duration now);
  /// Nothing: no need while nothing happens.
  std::optional<Duration> next_tick(Duration now) const;
  /// Reports everything that is open, and tells the store the exact number to go on at.
  void close();
  /// Nothing may be sent any more: what waits is reported as not sent, for this reason.
  void store_failed(const std::string& why, Duration now);

  std::vector<Sending> take_sendings() { return std::exchange(sendings_, {}); }
  std::vector<Completion> take_completions() { return std::exchange(completions_, {}); }
  /// Commands that wait to be sent.
  std::size_t queued_commands() const noexcept { return queued_; }
  std::size_t requests_in_flight() const noexcept { return pending_.size(); }
  /// Neither a command waits nor is one on its way.
  bool idle() const noexcept { return queue_.empty() && pending_.empty(); }

 private:
  enum class Phase {
    kIdle,      ///< No command was ever submitted, or none for long: the session is not known.
    kPolling,   ///< Asking for the session.
    kAdopting,  ///< Filling what an earlier incarnation may have used.
    kReady,
  };
  /// A group inside a request.
  struct Member {
    std::uint64_t first = 0;
    std::uint32_t count = 0;
    Duration deadline{0};
    Done done;             ///< Null once it was called, and for fillers.
    bool expired = false;  ///< Reported as unknown; somebody may still resume().
  };
  struct Pending {
    SharedBytes request;
    std::uint32_t count;
    std::vector<Member> members;
    ReplyCollector replies;
    Courier courier;
    bool filler;
    bool alone;                                           ///< None was on its way when it set out.
    std::optional<certificate::Certificate> certificate;  ///< Of its one command.
  };
  using Pendings = std::map<std::uint64_t, Pending>;  ///< By first number.

  void begin_poll(Duration now);
  void ask_session(Duration now);
  void check_poll(Duration now);
  void open_session(std::uint64_t lowest, Duration now);
  std::uint64_t resume_from(std::uint64_t start, std::uint64_t lowest) const;
  void repeat_unacknowledged();
  void fill(std::uint64_t from, std::uint64_t to);

  void pump(Duration now);
  std::vector<Group> next_batch();
  bool reserve(std::uint32_t count);
  void launch(std::uint64_t first, std::vector<Group> groups, Duration now);
  void deliver(Pending& pending, Duration now);
  void learn_from(const Pending& answered, Duration now);
  /// Who needs a request no more.
  std::vector<bool> settled(const Pending& pending) const;

  void acknowledge(Pending& pending, std::uint64_t number, const smr::Committed& answer);
  void on_committed(ReplicaId from, const smr::Committed& answer, Duration now);
  void on_rejected(ReplicaId from, const smr::Rejected& answer, Duration now);
  void conclude(Pendings::iterator found, Refusal verdict, Duration now);
  static Committed outcome_of(const Pending& pending, const Committed& decided);
  void report(Pending& pending);
  void remember(const Member& member, const std::vector<Outcome>& outcomes);
  Pendings::iterator find(std::uint64_t number);

  void expire(Duration now);
  void not_sent(Group& group, const std::string& why);
  std::string why_not_sent() const;
  bool is_up(ReplicaId replica) const { return up_[replica.value]; }
  std::uint32_t n() const { return static_cast<std::uint32_t>(up_.size()); }

  const ClientOptions& options_;
  const Signer& key_;
  Stores stores_;
  Rng& rng_;
  const std::uint16_t lane_;
  const Capability capability_;
  const Timing timing_;
  Preference preference_;  ///< Where couriers begin.
  LatencyEstimate& latency_;
  std::vector<bool> up_;
  std::vector<std::string> down_why_;

  Phase phase_ = Phase::kIdle;
  SessionPoll poll_;
  Duration poll_again_{0};
  std::optional<Window> window_;      ///< Once the session is known.
  std::uint64_t adopted_below_ = 0;   ///< The first filling of an adoption ended here.
  const std::uint64_t first_number_;  ///< Of the lane.
  std::uint64_t start_below_;         ///< What the store knew at the start.
  std::uint64_t reserved_below_;      ///< What it knows now.
  std::string store_error_;
  Duration last_active_{0};

  std::deque<Group> queue_;
  std::size_t queued_ = 0;
  Pendings pending_;
  std::map<std::uint64_t, Outcome> late_;  ///< Fates of numbers that were reported unknown.
  std::vector<Sending> sendings_;
  std::vector<Completion> completions_;
};

}  // namespace waggle::client
