#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "smr/median/content_store.hpp"
#include "smr/median/messages.hpp"
#include "smr/median/record.hpp"
#include "smr/median/sealed_log.hpp"
#include "smr/median/sealed_run.hpp"
#include "smr/median/sealer.hpp"

namespace waggle::median {

// Inputs besides verified messages.

/// A round begins by the server's own clock (9). Rounds rise; some may be left out.
struct RoundBegins {
  Round round = 0;
};
/// A client's command: checked, signature included, and not known to be executed.
struct ClientCommand {
  Content content;
};
/// The host has the state after this final prefix, which goes beyond the own one.
struct StateInstalled {
  FinalPtr final;
};

// Effects besides Persist, Send, Broadcast, SealedRun and Refused, performed in the order of all.

/// The final prefix is so far behind that nobody keeps the commands in between: the state has to
/// come from this server, then StateInstalled.
struct StateNeeded {
  ReplicaId from;
};

using Input = std::variant<Verified<Message>, RoundBegins, ClientCommand, StateInstalled>;
using Effect = std::variant<Persist<Rows>, Send<Message>, Broadcast<Message>, SealedRun,
                            StateNeeded, FinalConflict, Refused>;
using Effects = std::vector<Effect>;

/// One server of the sealed median rule (sections 3, 8 and 9): a function from inputs to effects,
/// which are performed in order; nothing behind a Persist leaves before those rows are durable.
/// Sees no clock: the host says when a round begins. What it sends to itself, by Broadcast, comes
/// back as a verified message.
///
/// A round: as it begins, the log is merged from the replies to the requests of the round before;
/// with a new window a PRE is signed (8.2); then the log is asked for again, of servers drawn at
/// random. A message of the next round waits until that begins here; one of a past round counts
/// as not arrived. Not thread-safe.
class Server {
 public:
  struct Setup {
    ReplicaId self;
    Parameters parameters;
    const Hasher& hasher;
    Rng& rng;
    Limits limits;  ///< Of requests.
    /// Clients whose numbers are kept, lanes counted each; the same on all servers.
    std::uint32_t clients_max = UINT32_MAX;
    SealingGuards guards;
    /// Commands that the table names before it is made anew; below 2^24.
    std::size_t table_max = 1u << 20;
    std::uint64_t final_step = kFinalStep;
  };

  /// Starts with the rows that were durable; none: a new server. `rejoin`: it had some and lost
  /// them; it then signs nothing until 8.7 lets it. Refuses (kMalformed) rows that no server wrote.
  static Result<std::unique_ptr<Server>, Refusal> open(const Setup& setup, const Rows& rows,
                                                       bool rejoin);

  void step(const Input& input, Effects& out) noexcept;

  // What a host asks.
  const FinalPtr& final() const noexcept { return parts_->sealer->record().final; }
  /// What was sealed from this position on; nothing if commands that old are not kept, or nobody
  /// has sealed that far.
  std::vector<Sealed> sealed_from(std::uint64_t position) const;
  /// Nothing before the first has begun.
  std::optional<Round> round() const noexcept { return round_; }
  /// 8.7: it lost its memory and signs nothing yet.
  bool rejoining() const noexcept { return rejoin_ || parts_->sealer->record().rejoin; }
  /// Whether the command was taken from a client and is not final yet.
  bool knows(const Command& command) const { return pending_.contains(command.digest); }
  /// No more commands from clients are taken in: half the log or the pending ones are full.
  bool full() const noexcept;

  struct Counters {
    std::uint64_t rounds = 0;          ///< That began here.
    std::uint64_t rounds_skipped = 0;  ///< That went by unseen.
    std::uint64_t rounds_blocked = 0;  ///< With fewer than l replies.
    std::uint64_t kept_early = 0;      ///< Messages that waited for their round to begin.
    std::uint64_t sealed = 0;          ///< Entries.
    std::uint64_t conflicts = 0;       ///< Certificates that leave the final prefix (8.6).
    std::uint64_t tables = 0;          ///< Times that the table of commands was made anew.
  };
  /// How a server's messages lie to the own rounds: many that are early or late and few in time
  /// mean that one of the two clocks is off, or that the network takes longer than a round.
  struct Timing {
    std::uint64_t in_time = 0;
    std::uint64_t early = 0;  ///< By more than is waited for.
    std::uint64_t late = 0;
  };
  const std::map<ReplicaId, Timing>& timing() const noexcept { return timing_; }
  const Counters& counters() const noexcept { return counters_; }
  std::size_t log_entries() const noexcept { return parts_->log->log().size(); }
  std::size_t pending() const noexcept { return pending_.size(); }
  /// Servers that replied in the last whole round, itself included.
  std::uint32_t replies() const noexcept { return last_replies_; }

 private:
  /// What knows commands by the handles of one table.
  struct Parts {
    CommandTable table;
    Hashing hashing;
    std::optional<Sealer> sealer;
    std::optional<SealedLog> log;
    std::optional<Merger> merger;
  };

  /// What 8.6 spreads in a round, as it was when the round began: what came since is on its way to
  /// everybody, and the asker's request does not name it yet.
  struct Known {
    Window window = 0;  ///< The newest.
    std::map<ReplicaId, PrePtr> pres;
    std::vector<Commit> commits;
    std::uint64_t lock = 0;                       ///< Its hash.
    std::vector<PreCertificatePtr> certificates;  ///< One for each mark.
    Window last_pre = 0;                          ///< As LogReply says it.
  };

  Server(const Setup& setup, bool rejoin);
  std::optional<Refusal> take_parts(const Rows& rows);

  // Rounds (server.cpp).
  void begin_round(Round round, Effects& out);
  void merge();
  void open_window(Effects& out);
  void ask(Effects& out);
  bool quiet();
  void stay_awake();
  Known known() const;
  void amplify(Effects& out);
  void ask_for_contents(Effects& out);
  void ask_for_pres(Effects& out);
  void take_early(Effects& out);
  bool in_time(ReplicaId from, const Message& message);

  // Messages (server_messages.cpp).
  void receive(ReplicaId from, const Message& message, Effects& out);
  void on(ReplicaId from, const LogRequest& request, Effects& out);
  void on(ReplicaId from, const LogReply& reply, Effects& out);
  void on(ReplicaId from, const Append& append, Effects& out);
  void on(ReplicaId from, const SignedPre& pre, Effects& out);
  void on(ReplicaId from, const PreHead& head, Effects& out);
  void on(ReplicaId from, const PreRequest& request, Effects& out);
  void on(ReplicaId from, const Commit& commit, Effects& out);
  bool believable(ReplicaId from, Window window);
  PrePtr resolve(const PreHead& head) const;
  void resolve_heads(Window window, Effects& out);
  void on(ReplicaId from, const ContentRequest& request, Effects& out);
  void on(ReplicaId from, const Contents& contents, Effects& out);
  void on(ReplicaId from, const FinalRequest& request, Effects& out);
  void on(ReplicaId from, const FinalReply& reply, Effects& out);
  void spread_to(const LogRequest& request, LogReply& reply) const;
  void learn(ReplicaId from, const LogReply& reply, Effects& out);
  void take_content(const Content& content);
  void want(const Named& named, std::vector<Digest>& missing);
  void request_contents(ReplicaId from, std::vector<Digest> missing, Effects& out);

  // Sealing and what is durable (server_sealing.cpp).
  void pass_on(SealingEffects effects, Effects& out);
  void send_pre(const Pre& pre, Effects& out);
  void send_commit(const Commit& commit, Effects& out);
  Rows changes(const SealingRecord& record, std::span<const SealingEffect> behind);
  void seal_rows(const FinalPrefix& final, std::span<const SealingEffect> behind, Rows& rows);
  void keep_sealed(const Execute& executed, Rows& rows);
  void settle(Effects& out);
  void renew_table(Effects& out);

  bool holds(Handle handle) const;
  Sealer& sealer() { return *parts_->sealer; }
  const Sealer& sealer() const { return *parts_->sealer; }
  std::uint64_t final_number(const Command& command) const {
    return final()->number(command.client);
  }

  const Setup setup_;
  bool rejoin_ = false;  ///< 8.7 begins with the first round.
  std::unique_ptr<Parts> parts_;
  ContentStore contents_;
  std::map<Digest, Content> pending_;  ///< Of clients, not final yet.
  std::map<Digest, Named> wanted_;     ///< Named by others; the commands are not here.
  bool found_wanted_ = false;
  /// PREs whose D is not known yet, by window and server.
  std::map<Window, std::map<ReplicaId, PreHead>> heads_;

  std::optional<Round> round_;
  std::optional<Window> window_;  ///< Whose boundary is past.
  Window rejoiner_until_ = 0;     ///< Empty PREs are signed below this window.
  Round busy_until_ = 0;          ///< Below this round it asks in every one.
  std::vector<std::uint32_t> targets_;
  Log log_at_start_;
  std::vector<std::uint64_t> prefixes_;  ///< Its hashes.
  Known known_at_start_;
  std::map<ReplicaId, Log> replies_;
  Log appended_;
  std::set<Digest> asked_;  ///< Contents, in this round.
  bool asked_final_ = false;
  std::vector<Verified<Message>> early_;
  std::uint32_t last_replies_ = 0;

  SealingRecord durable_;            ///< As the rows written last say.
  std::uint64_t final_written_ = 0;  ///< Length of the final prefix that they have whole.
  std::uint64_t run_begins_ = 0;     ///< Position of the first entry that they seal.
  std::set<Digest> content_rows_;
  std::deque<SealedEntry> sealed_;          ///< The end of the final prefix.
  std::map<std::uint64_t, SealPtr> seals_;  ///< By length, of what is in sealed_.
  FinalPtr fitted_;                         ///< What the log was made to fit last.
  Lock fitted_lock_;
  Counters counters_;
  std::map<ReplicaId, Timing> timing_;
};

}  // namespace waggle::median
