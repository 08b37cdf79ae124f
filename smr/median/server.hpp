#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <variant>
#include <vector>

#include "smr/median/content_store.hpp"
#include "smr/median/messages.hpp"
#include "smr/median/record.hpp"
#include "smr/median/sealed_log.hpp"
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

// Effects besides Persist, Send, Broadcast and Refused, performed in the order of all.

/// The next entry of the final prefix is final and durable. `request` is null for null entries.
struct Sealed {
  std::uint64_t position = 0;  ///< From 0 on.
  Named entry;
  SharedBytes request;
  bool applies = false;  ///< Off: executes as nothing (8.5).
};
/// All of these were sealed at once, by final's seal; what is behind the last one is executed and
/// acknowledged with it.
struct SealedRun {
  std::vector<Sealed> entries;
  FinalPtr final;
};
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
    Limits limits;                     ///< Of requests.
    std::uint32_t clients_max = 1024;  ///< Clients whose numbers are kept.
    SealingGuards guards;
  };

  /// Starts with the rows that were durable; none: a new server. `rejoin`: it had some and lost
  /// them; it then signs nothing until 8.7 lets it. Refuses (kMalformed) rows that no server wrote.
  static Result<std::unique_ptr<Server>, Refusal> open(const Setup& setup, const Rows& rows,
                                                       bool rejoin);

  void step(const Input& input, Effects& out) noexcept;

  // What a host asks.
  const FinalPtr& final() const noexcept { return parts_->sealer.record().final; }
  /// What was sealed from this position on; nothing if commands that old are not kept, or nobody
  /// has sealed that far.
  std::vector<Sealed> sealed_from(std::uint64_t position) const;
  Round round() const noexcept { return round_; }
  /// 8.7: it lost its memory and signs nothing yet.
  bool rejoining() const noexcept { return parts_->sealer.record().rejoin.has_value(); }
  /// Whether the command's client and number are in the log, or wait to be amplified.
  bool knows(const Command& command) const;
  /// No more commands from clients are taken in: half the log or the pending ones are full.
  bool full() const noexcept;

  struct Counters {
    std::uint64_t rounds = 0;          ///< That began here.
    std::uint64_t rounds_skipped = 0;  ///< That went by unseen.
    std::uint64_t rounds_blocked = 0;  ///< With fewer than l replies.
    std::uint64_t early = 0;           ///< Messages of a round that had not begun, kept for it ...
    std::uint64_t too_early = 0;       ///< ... or further ahead, dropped.
    std::uint64_t late = 0;            ///< Messages of a past round, dropped.
    std::uint64_t sealed = 0;          ///< Entries.
    std::uint64_t conflicts = 0;       ///< Certificates that leave the final prefix (8.6).
    std::uint64_t tables = 0;          ///< Times that the table of commands was made anew.
  };
  const Counters& counters() const noexcept { return counters_; }
  std::size_t log_entries() const noexcept { return parts_->log.log().size(); }
  std::size_t pending() const noexcept { return pending_.size(); }
  /// Servers that replied in the last whole round, itself included.
  std::uint32_t replies() const noexcept { return last_replies_; }

 private:
  /// What knows commands by the handles of one table.
  struct Parts {
    CommandTable table;
    Hashing hashing;
    Sealer sealer;
    SealedLog log;
    Merger merger;
  };

  Server(const Setup& setup, std::unique_ptr<Parts> parts, RecoveredRows rows);

  Setup setup_;
  std::unique_ptr<Parts> parts_;
  ContentStore contents_;
  Round round_ = 0;
  std::uint32_t last_replies_ = 0;
  std::map<Digest, Content> pending_;  ///< Of clients, not final yet.
  Counters counters_;
};

}  // namespace waggle::median
