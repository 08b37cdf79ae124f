#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "consensus/core/request.hpp"
#include "smr/app/state_digest.hpp"

namespace waggle::smr {

/// What is to be done with one command of a client.
enum class Decision : std::uint8_t {
  kExecute,    ///< Not executed yet, and within the window.
  kDuplicate,  ///< Executed before; the first result is kept and is the answer.
  kTooFar,     ///< kSessionWindow or more above the lowest number not executed.
  kExpired,    ///< Executed before but no longer known, or not ours to tell: never executed again.
};

/// How far above the lowest unexecuted number a command may be, itself included, and how many
/// of a client's latest numbers have their results kept.
inline constexpr std::uint64_t kSessionWindow = 256;
/// Results that are kept no longer are erased so many numbers at a time.
inline constexpr std::uint64_t kExpiredAtOnce = 64;

/// A stored session: family kSessions, key the client.
struct SessionRow {
  ClientId client;
  Bytes value;
  friend bool operator==(const SessionRow&, const SessionRow&) = default;
};

/// Numbers first .. last of a client.
struct ResultRange {
  ClientId client;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const ResultRange&, const ResultRange&) = default;
};

/// What must be written, together with the results of the same commands, so that storage is in
/// step. `expired` comes last: it may name results of these very commands.
struct SessionChanges {
  Bytes globals;  ///< Value of one further row, under a key of the caller's choice.
  std::vector<SessionRow> rows;
  std::vector<ClientId> evicted;  ///< Rows to erase; none of them is in `rows`.
  /// Results to erase; not every number in it need have one. A row of results of several numbers
  /// goes with the last of them.
  std::vector<ResultRange> expired;
};

/// Client sessions: a (client, number) executes at most once, whatever blocks hold it and however
/// often. A function of the committed commands in their order, so equal on all replicas.
///
/// A session has a lowest unexecuted number, `low`, and a flag for each of the kSessionWindow
/// numbers from there on; commands of the window may commit in any order. A session begins with
/// the client's first command and, when there are more than sessions_max, ends with the least
/// recently executed client's. `floor` is the highest number that an ended session executed: a
/// session that begins does so at floor + 1, so that nothing of an ended one runs again. A client
/// that was away asks for next_number.
///
/// Independent of results: whoever orders commits may own the sessions and hand the decisions to
/// the executor. Not thread-safe. Takes O(log sessions) per command. The hasher must outlive it.
class Sessions {
 public:
  /// sessions_max, at least 1, is a value of the genesis file.
  Sessions(std::uint32_t sessions_max, const Hasher& hasher);

  /// Sessions as stored: `rows` rise strictly by client. Refuses (kMalformed) what take_changes
  /// cannot have written; in the caller's hands that is a corrupt disk or a lying peer.
  static Result<Sessions, Refusal> load(std::uint32_t sessions_max, const Hasher& hasher,
                                        ByteView globals, std::span<const SessionRow> rows);

  /// Admits a committed command, in the order of the chain; on kExecute it counts as executed.
  Decision admit(const ClientId& client, std::uint64_t number);
  /// What admit would answer now.
  Decision check(const ClientId& client, std::uint64_t number) const;
  /// For a whole request that would be admitted now, command by command: kTooFar if that holds
  /// for one of them, otherwise kExecute if that does, otherwise kDuplicate if every result is
  /// kept, otherwise kExpired.
  Decision check(const RequestRef& request) const;

  /// The lowest number that the client has not executed; where a new session would begin.
  std::uint64_t next_number(const ClientId& client) const;
  /// The highest number that the client has executed; the floor when it has no session.
  std::uint64_t highest_executed(const ClientId& client) const;

  /// What changed since the last call, and starts anew.
  SessionChanges take_changes();
  /// Of all sessions, the floor and the count of commands, changes not taken included; the same
  /// after load. Costs a hash for each changed session.
  Digest digest() const;

  std::size_t size() const noexcept { return sessions_.size(); }
  std::uint64_t floor() const noexcept { return floor_; }
  /// Since construction; tells the mempool when a look through all requests is worth it.
  std::uint64_t evictions() const noexcept { return evictions_; }

 private:
  struct Session {
    std::uint64_t start = 1;               ///< Its first number.
    std::uint64_t low = 1;                 ///< The lowest number not executed.
    std::bitset<kSessionWindow> executed;  ///< Bit i: number low + i. Bit 0 is never set.
    std::uint64_t highest = 0;             ///< The highest number executed, or start - 1.
    std::uint64_t last_commit = 0;         ///< Value of commits_ at the latest execution.
    std::uint64_t results_from = 1;        ///< Results below are erased or reported so.
    std::optional<Digest> counted;         ///< Its share of sum_, if any.
    bool dirty = false;                    ///< In dirty_.

    static Session starting_at(std::uint64_t number);
    Decision check(std::uint64_t number) const;
    Decision check(const RequestRef& request) const;
    void execute(std::uint64_t number);
    bool has_executed(std::uint64_t number) const;
    std::uint64_t kept_from() const;  ///< Results from here on are kept.
    /// Results below are to be erased: at kept_from() or a little below it, and a function of the
    /// session alone, so that all replicas erase the same.
    std::uint64_t erase_below() const;
    Bytes encode() const;
    static std::optional<Session> decode(ByteView bytes);
  };

  const Session* find(const ClientId& client) const;
  void touch(const ClientId& client, Session& session);
  void evict_oldest();
  Bytes encode_globals() const;

  std::uint32_t sessions_max_;
  const Hasher* hasher_;
  std::map<ClientId, Session> sessions_;
  std::map<std::uint64_t, ClientId> by_last_commit_;
  std::uint64_t floor_ = 0;
  std::uint64_t commits_ = 0;  ///< Commands executed since genesis.
  std::uint64_t evictions_ = 0;
  app::StateDigest sum_;  ///< Over (client, row) of the sessions that are not dirty, as `counted`.
  std::set<ClientId> dirty_;
  std::vector<ResultRange> expired_;  ///< Of sessions evicted since the last take_changes.
};

}  // namespace waggle::smr
