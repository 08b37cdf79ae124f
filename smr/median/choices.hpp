#pragma once

#include <cstdint>

#include "smr/median/paper_guards.hpp"

namespace waggle::median {

/// Where the paper leaves a choice open, or its boxes need a repair: one switch each
/// (docs/spec/median-smr.md, section 7). The defaults are this project's; a default that says
/// "as printed" runs the paper's box.
struct Choices {
  /// 7.1: how logs are compared. Membership goes by command in both.
  enum class Order : std::uint8_t {
    kStampThenCommand,  ///< An older entry is smaller; ties by client, number and digest.
    kCommandOnly,       ///< Stamps are looked past.
    kStampOnly,         ///< Without a tie-break: a test plants it, to show that it takes one.
  };
  /// 7.2: which one "any" reply or state is.
  enum class Any : std::uint8_t { kFirst, kLast };

  Order order = Order::kStampThenCommand;
  bool null_clashes = true;  ///< Algorithm 5: two commands of one (client, number) become null.

  Any any = Any::kFirst;            ///< 7.2: in draw order.
  Any largest_window = Any::kLast;  ///< 7.2: of the replies that tie on the largest W'.
  bool no_reset_among_all = true;   ///< 7.3: any no-reset of the round counts, not only of M.

  bool execute_once = false;   ///< 7.4: an entry with number <= sn(client) changes nothing.
  bool skip_boundary = false;  ///< 7.4: P not a prefix of L: execute nothing, go to undecided.

  bool window_by_round = true;        ///< 7.5c: W' = round / T; off: W + 1.
  bool initial_prefix_empty = false;  ///< 7.5d: off: the initial P is undecided, as printed.

  PaperGuards guards;
};

}  // namespace waggle::median
