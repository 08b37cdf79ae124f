#pragma once

namespace waggle::median {

/// Rules of paper mode that a test may break, to show that something then notices
/// (docs/spec/median-smr.md, sections 3 to 5 and 7). Nobody else makes anything but PaperGuards{}.
/// What the paper leaves open, or what repairs it, is a choice (choices.hpp).
struct PaperGuards {
  bool stamps_kept = true;            ///< 4: entries of others' logs come with their stamps.
  bool found_by_command = true;       ///< 7.1: a log holds a command wherever it stands.
  bool bit_of_start = true;           ///< 4: b is that of the round's start.
  bool merge_before_adoption = true;  ///< 5: what was adopted is not merged over.
  bool no_reset_wins = true;          ///< 5: a single no-reset keeps a server from rolling back.

  friend bool operator==(const PaperGuards&, const PaperGuards&) = default;
};

}  // namespace waggle::median
