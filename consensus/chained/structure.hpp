#pragma once

#include "consensus/chained/rules.hpp"
#include "consensus/core/result.hpp"

namespace waggle::chained {

/// What every chained protocol asks of a block whose parent is present and connected: heights and
/// views rise, its QC certifies an ancestor, its history root and payload are right (3.1, 3.2,
/// 3.5). Signatures and sizes were checked when it was received.
Result<void, Refusal> check_structure(const BlockTree& tree, const Node& node,
                                      const ChainConfig& config, const Hasher& hasher);

/// 3.3: the block stands on the one that was certified in the view before its own.
bool is_fast(const Block& block);

/// A block that became explicitly valid, or why it did not: invalid, or an ancestor is missing.
Walk check_valid(const BlockTree& tree, const Node& node);

}  // namespace waggle::chained
