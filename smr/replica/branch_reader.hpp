#pragma once

#include "consensus/chained/block_tree.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// Bytes of blocks in one answer, unless a single one is larger: payloads, and the rest.
inline constexpr std::size_t kBranchPayloadMax = 4 << 20;
inline constexpr std::size_t kBranchHeadersMax = 1 << 20;

/// The part of an answer that the core's tree holds: blocks on the branch of the wanted one,
/// rising, above the committed head. Only blocks that this replica has validated are given.
std::vector<chained::ChainedBlock> branch_in_memory(const chained::BlockTree& tree,
                                                     const chained::BranchRequest& request);

/// The part that storage holds: committed blocks above request.above, rising. Nothing when the
/// wanted block is neither committed nor (`extends_head`) a descendant of the committed head.
/// Any thread.
storage::Outcome<std::vector<chained::ChainedBlock>> committed_branch(
    const storage::Storage& storage, const chained::BranchRequest& request, bool extends_head,
    const ChainConfig& config, const Hasher& hasher);

/// Joins the two parts, within the limits of one answer.
chained::Branch make_branch(const chained::BranchRequest& request,
                             std::vector<chained::ChainedBlock> committed,
                             std::vector<chained::ChainedBlock> in_memory, QcPtr certificate);

}  // namespace waggle::smr
