#pragma once

#include <span>
#include <vector>

#include "smr/median/history.hpp"
#include "smr/median/merge.hpp"
#include "smr/median/sample.hpp"

namespace waggle::median {

/// Algorithm 5, the compact rule (specification, section 4): what a server is between two rounds.
struct CompactServer {
  bool useful = true;  ///< Holds a log; otherwise undecided, and `log` is empty.
  Log log{Entry(kDummy, 0)};
  StateRef state = kInitialState;
};

/// The answer of a server that held a log when the round started. Views what belongs to it.
struct CompactReply {
  LogView log;
  StateRef state;  ///< Looked at only by a server that asked with b = 1.
};

/// The box of Algorithm 5, as a function from a server, the replies and the append requests of a
/// round to the server after it. History and findings are those of the world.
class CompactRule {
 public:
  CompactRule(const Parameters& parameters, const Choices& choices, const CommandTable& table,
              History& history, Findings& findings)
      : parameters_(parameters),
        choices_(choices),
        table_(table),
        history_(history),
        findings_(findings),
        merger_(table, choices) {}

  Answer on_command(const CompactServer& server, Handle command) const;

  /// `replies` in the order in which they were asked for; reordered. `after` is another server
  /// than `before`; its memory is used again.
  void round(const CompactServer& before, Round now, std::span<CompactReply> replies,
             LogView appended, Rng& rng, CompactServer& after);

 private:
  const CompactReply& any(std::span<const CompactReply> replies) const;
  void commit(LogView prefix, StateRef& state);

  Parameters parameters_;
  Choices choices_;
  const CommandTable& table_;
  History& history_;
  Findings& findings_;
  Merger merger_;
  std::vector<LogView> chosen_;
};

}  // namespace waggle::median
