#pragma once

#include <map>
#include <optional>
#include <vector>

#include "consensus/chained/block_tree.hpp"
#include "smr/certificate/commit_proof.hpp"
#include "smr/protocol/messages.hpp"
#include "smr/replica/chain_index.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// What the core's tree holds and storage may not: blocks from the committed head up, with what
/// certifies them. Taken on the host's thread.
struct TreeBlocks {
  struct Item {
    chained::ChainedBlock chained;
    QcPtr certificate;  ///< Null while none is known.
  };
  std::vector<Item> items;  ///< Rising by view.
};
TreeBlocks tree_blocks(const chained::BlockTree& tree);

/// Makes one commit proof from what a replica stores: the nearest pair of section 5 above the
/// command's block, and of the two ways to show inclusion the shorter one. Reads in the common
/// case four blocks, and about one per level of the history's Merkle tree for an old command whose
/// own block is farther from the pair than that. Any thread; for one proof only. Everything
/// referred to must outlive it.
class Prover {
 public:
  Prover(const storage::Storage& storage, const TreeBlocks& tree, const ChainConfig& config,
         const Hasher& hasher);

  using Answer = Result<certificate::CommitProof, ProofRefusal>;
  storage::Outcome<Answer> prove(const ClientId& client, std::uint64_t number);

 private:
  /// A block without its payload.
  struct Known {
    Digest id;
    BlockHeader header;
    QcPtr qc;
    TcPtr tc;
    Forest before;
  };
  /// A pair with everything but the command and its path.
  struct Candidate {
    certificate::CommitProof proof;   ///< Headers down to B1.
    std::vector<const Known*> below;  ///< From under B1 down to the command's block.
    const Known* b1 = nullptr;
    std::size_t size = 0;  ///< Of the whole proof, but for what all have in common.
  };

  const Known* know(const chained::ChainedBlock& chained);
  const Known* find(const Digest& id);
  std::optional<chained::ChainedBlock> read(const Digest& id);
  /// A committed block by height, as far as blocks are executed.
  const Known* at(Height height);

  void search();
  void consider(const QcPtr& qc);
  std::vector<const Known*> walk_down(const Known* from, const Digest& to, Height lowest);
  bool open_tips(const std::vector<const Known*>& path, certificate::CommitProof& proof);
  bool is_executed(const Digest& id);
  void choose_inclusion(Candidate& candidate);
  certificate::CommitProof finish(Candidate candidate);
  certificate::ForestPath history_path(const Known& b1);
  Digest history_node(unsigned level, std::uint64_t index, Height highest);

  const storage::Storage& storage_;
  const TreeBlocks& tree_;
  const ChainConfig& config_;
  const Hasher& hasher_;
  std::optional<storage::StorageError> failure_;  ///< Sticky, asked for at the end; so is
  bool pruned_ = false;                           ///< that a block of the chain is not kept.
  std::map<Digest, Known> known_;
  std::optional<chained::ChainedBlock> last_read_;  ///< The block read last, with its payload.

  // Of the command that is being proven.
  chained::ChainedBlock home_;  ///< Its block.
  std::uint32_t index_ = 0;     ///< Among the commands there.
  std::optional<Candidate> best_;
  bool enough_ = false;  ///< No pair farther up can do better.
};

}  // namespace waggle::smr
