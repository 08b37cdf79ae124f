#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::pbeegees {

/// Explicit validity (3.1-3.5) of a block whose parent is present and connected to the head.
Result<void, Refusal> check_explicit(const chained::BlockTree& tree, const chained::Node& node,
                                     const ChainConfig& config, const Hasher& hasher,
                                     const chained::Guards& guards);

/// Traceback validation (3.6), what a replica demands before it votes for a block: the block and
/// everything down to B_QC is explicitly valid, and so are the branches of other tips of the
/// parent's view. We ask for whole blocks where the rule asks for headers: a leader counts only
/// tips whose blocks it holds (3.7a), so they can be had from it.
chained::Walk traceback(const chained::BlockTree& tree, const chained::Node& node,
                        const chained::Guards& guards);

/// The first half of 3.6 alone: the block and the walk from it down to B_QC or to the committed
/// head. "Validated down to a certified block", as 3.7a asks of a tip.
chained::Walk walk_to_certified(const chained::BlockTree& tree, const chained::Node& node,
                                const chained::Guards& guards);

}  // namespace waggle::pbeegees
