#pragma once

#include "consensus/pbeegees/block_tree.hpp"
#include "consensus/pbeegees/guards.hpp"

namespace waggle::pbeegees {

/// What the commit rule (spec, section 5) says of a certified block B2.
enum class CommitVerdict : std::uint8_t {
  kNothing,    ///< B2.qc certifies nothing above the committed head.
  kCommit,     ///< B1 = B2_QC and its ancestors are committed.
  kSuspended,  ///< Pre-commit validation (5.2) failed; a later pair commits the same blocks.
};

/// Certificate-decoupled commit with pre-commit validation: B2 is certified, B2.qc certifies B1,
/// no view-consecutiveness is asked. `b2` is certified and connected.
CommitVerdict judge_commit(const BlockTree& tree, const Node& b2, const Guards& guards);

}  // namespace waggle::pbeegees
