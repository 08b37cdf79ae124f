#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "smr/median/history.hpp"
#include "smr/median/merge.hpp"
#include "smr/median/sample.hpp"

namespace waggle::median {

/// R of Algorithm 6: whether a server is willing to roll back.
enum class Rollback : std::uint8_t { kNoReset, kReset, kUndecided };

/// C = (S, P, W): the state, the prefix to be committed at the next boundary, the window.
/// Immutable, and shared by all servers that adopted it.
struct Checkpoint {
  StateRef state = kInitialState;
  std::optional<Log> prefix;  ///< Nothing: undecided, as the initial one is printed.
  Window window = 0;
};
using CheckpointPtr = std::shared_ptr<const Checkpoint>;

/// Algorithm 6 (specification, section 5): what a server is between two rounds.
struct RecoveryServer {
  std::optional<Log> log{Log{Entry(kDummy, 0)}};  ///< Nothing: undecided.
  StateRef state = kInitialState;
  Rollback rollback = Rollback::kNoReset;
  CheckpointPtr checkpoint;

  /// A request is answered unless R is undecided.
  bool answers() const noexcept { return rollback != Rollback::kUndecided; }
};

/// The answer of a server; views what belongs to it.
struct RecoveryReply {
  const RecoveryServer* from = nullptr;
};

/// The boxes of Algorithm 6.
class RecoveryRule {
 public:
  RecoveryRule(const Parameters& parameters, const Choices& choices, const CommandTable& table,
               History& history, Findings& findings)
      : parameters_(parameters),
        choices_(choices),
        history_(history),
        findings_(findings),
        merger_(table, choices) {}

  RecoveryServer initial() const;

  /// One round inside a window. `replies` in the order in which they were asked for; reordered.
  /// `after` is another server than `before`.
  void round(const RecoveryServer& before, std::span<RecoveryReply> replies, LogView appended,
             Rng& rng, RecoveryServer& after);

  /// Between windows: before the first round of each, `now` being a multiple of T above 0.
  void boundary(RecoveryServer& server, Round now);

 private:
  void merge_logs(std::span<RecoveryReply> with_log, LogView appended, Rng& rng,
                  std::optional<Log>& out);
  Rollback vote(std::span<const RecoveryReply> replies) const;
  void adopt_newest(std::span<const RecoveryReply> replies, RecoveryServer& server) const;
  void commit_prefix(RecoveryServer& server);

  Parameters parameters_;
  Choices choices_;
  History& history_;
  Findings& findings_;
  Merger merger_;
  std::vector<LogView> chosen_;
  std::vector<RecoveryReply> with_log_;
};

}  // namespace waggle::median
