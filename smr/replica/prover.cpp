#include "smr/replica/prover.hpp"

#include <algorithm>
#include <utility>

#include "smr/replica/layout.hpp"

namespace waggle::smr {

using certificate::CommitProof;
using certificate::ForestPath;
using certificate::Inclusion;
using chained::ChainedBlock;
using storage::Family;
using storage::Outcome;
using storage::StorageError;

namespace {

/// Blocks above the command's own that are looked through for a pair.
constexpr std::uint64_t kSearchMax = 1024;

StorageError corrupt(std::string what) { return {StorageError::Kind::kCorrupt, std::move(what)}; }

std::size_t size_of(const BlockHeader& header) {
  Writer writer;
  encode(writer, header);
  return writer.size();
}

std::size_t size_of(const std::vector<BlockHeader>& headers) {
  std::size_t size = 0;
  for (const BlockHeader& header : headers) size += size_of(header);
  return size;
}

/// Of the parts by which pairs differ.
std::size_t size_of(const CommitProof& proof) {
  std::size_t size = size_of(proof.headers);
  for (const auto& list : proof.tip_lists) size += 36 + 48 * list.tips.size();
  for (const auto& branch : proof.branches) size += 4 + size_of(branch);
  return size;
}

}  // namespace

TreeBlocks tree_blocks(const chained::BlockTree& tree) {
  TreeBlocks blocks;
  for (const auto& [id, node] : tree.nodes()) {
    if (node->connected()) {
      blocks.items.push_back({{node->block, *node->before}, node->certificate});
    }
  }
  std::sort(blocks.items.begin(), blocks.items.end(), [](const auto& a, const auto& b) {
    return std::pair(a.chained.block->view(), a.chained.block->id) <
           std::pair(b.chained.block->view(), b.chained.block->id);
  });
  return blocks;
}

Prover::Prover(const storage::Storage& storage, const TreeBlocks& tree, const ChainConfig& config,
               const Hasher& hasher)
    : storage_(storage), tree_(tree), config_(config), hasher_(hasher) {
  for (const TreeBlocks::Item& item : tree.items) know(item.chained);
}

Outcome<Prover::Answer> Prover::prove(const ClientId& client, std::uint64_t number) {
  const auto place = find_command(storage_, client, number);
  if (!place) return Unexpected{place.error()};
  if (!*place) return Answer(Unexpected{ProofRefusal::kNotCommitted});
  const auto row = committed_at(storage_, (*place)->height);
  if (!row) return Unexpected{row.error()};
  auto home = *row ? read((*row)->ref.id) : std::nullopt;
  if (failure_) return Unexpected{*failure_};
  if (!home) return Answer(Unexpected{ProofRefusal::kPruned});
  if ((*place)->index >= home->block->payload->leaves().size()) {
    return Unexpected{corrupt("the index of commands does not fit the blocks")};
  }
  home_ = std::move(*home);
  index_ = (*place)->index;
  know(home_);
  search();
  if (failure_) return Unexpected{*failure_};
  if (!best_) return Answer(Unexpected{ProofRefusal::kNotProvable});
  CommitProof proof = finish(std::move(*best_));
  if (failure_) return Unexpected{*failure_};
  if (pruned_) return Answer(Unexpected{ProofRefusal::kPruned});
  proof.chain_id = config_.chain_id;
  proof.client = client;
  proof.number = number;
  return Answer(std::move(proof));
}

// Blocks.

const Prover::Known* Prover::know(const ChainedBlock& chained) {
  const Block& block = *chained.block;
  const auto [at, fresh] = known_.try_emplace(
      block.id, Known{block.id, block.header, block.qc, block.tc, chained.before});
  return &at->second;
}

std::optional<ChainedBlock> Prover::read(const Digest& id) {
  if (last_read_ && last_read_->block->id == id) return last_read_;
  const auto value = storage_.get(Family::kBlocks, id.view());
  if (!value) failure_ = value.error();
  if (!value || !*value) return std::nullopt;
  last_read_ = layout::decode_block(**value, config_, hasher_);
  if (!last_read_) {
    failure_ =
        StorageError{StorageError::Kind::kCorrupt, "block " + short_hex(id) + " does not decode"};
  }
  return last_read_;
}

const Prover::Known* Prover::find(const Digest& id) {
  if (const auto found = known_.find(id); found != known_.end()) return &found->second;
  const auto chained = read(id);
  return chained ? know(*chained) : nullptr;
}

const Prover::Known* Prover::at(Height height) {
  const auto row = committed_at(storage_, height);
  if (!row) failure_ = row.error();
  return row && *row ? find((*row)->ref.id) : nullptr;
}

// Pairs.

/// Looks at every certificate that blocks above the command's carry, rising, and at those that
/// only the core's tree knows.
void Prover::search() {
  const std::uint64_t home = home_.block->height().value;
  for (std::uint64_t up = 1; up <= kSearchMax && !enough_ && !failure_; ++up) {
    const Known* above = at(Height{home + up});
    if (above == nullptr) break;
    consider(above->qc);
  }
  if (best_ && best_->below.empty()) return;  // what is nearer than that is not in the tree
  for (const TreeBlocks::Item& item : tree_.items) {
    if (enough_ || failure_) return;
    consider(item.chained.block->qc);
    if (item.certificate) consider(item.certificate);
  }
}

/// The branch from a block down to another one, neither above `lowest` missing; empty if it does
/// not lead there.
std::vector<const Prover::Known*> Prover::walk_down(const Known* from, const Digest& to,
                                                    Height lowest) {
  std::vector<const Known*> path;
  for (const Known* at = from; at != nullptr; at = find(at->header.parent)) {
    path.push_back(at);
    if (at->id == to) return path;
    const bool too_long = path.size() >= certificate::kProofHeadersMax;
    if (at->header.height <= lowest || too_long) break;
  }
  return {};
}

/// Makes a proof with this certificate as QC(B2), and keeps it if it is the shortest so far.
void Prover::consider(const QcPtr& qc) {
  if (qc->view <= home_.block->view()) return;  // B2 lies above the command's block
  const Known* b2 = find(qc->block);
  if (b2 == nullptr) return;
  const auto path = walk_down(b2, home_.block->id, home_.block->height());
  const auto b1 = std::find_if(path.begin(), path.end(),
                               [b2](const Known* one) { return one->id == b2->header.qc.block; });
  if (b1 == path.end()) return;  // another branch, or B1 lies below the command
  Candidate candidate;
  candidate.b1 = *b1;
  candidate.below.assign(b1 + 1, path.end());
  const std::vector<const Known*> upper(path.begin(), b1 + 1);
  for (const Known* one : upper) candidate.proof.headers.push_back(one->header);
  candidate.proof.signatures.assign(qc->signatures.begin(),
                                    qc->signatures.begin() + config_.quorum());
  if (config_.certificate_guards.proof_precommit && !open_tips(upper, candidate.proof)) return;
  choose_inclusion(candidate);
  const bool consecutive = upper.size() == 2;
  if (!best_ || candidate.size < best_->size) best_ = std::move(candidate);
  // Above a pair like this, with its own history path, everything only grows.
  enough_ = consecutive && !path.empty() && *b1 != path.back();
}

/// 5.2 for outsiders: opens the TCs that matter. False if a tip cannot be shown to extend B1.
bool Prover::open_tips(const std::vector<const Known*>& path, CommitProof& proof) {
  const Known& b1 = *path.back();
  for (std::size_t z = 0; z + 2 < path.size(); ++z) {  // Z's parent is not B1
    const TcPtr& tc = path[z]->tc;
    if (!tc) continue;
    proof.tip_lists.push_back({tc->tips, tc_signatures_digest(*tc, hasher_)});
    const Known& y = *path[z + 1];
    const Digest* last = nullptr;
    for (const Tip& tip : tc->tips) {
      if (tip.view != y.header.view || tip.block == y.id) continue;
      if (last != nullptr && *last == tip.block) continue;
      last = &tip.block;
      if (tip.block == b1.id) continue;  // a liar's claim; B1 extends itself
      const auto branch = walk_down(find(tip.block), b1.id, b1.header.height);
      if (branch.empty()) return false;
      auto& headers = proof.branches.emplace_back();
      for (const Known* one : branch) headers.push_back(one->header);
      headers.pop_back();  // B1 itself
    }
  }
  return true;
}

// Inclusion.

/// By the payload of the command's own block or by B1's history, whichever is shorter.
void Prover::choose_inclusion(Candidate& candidate) {
  std::size_t payload =
      certificate::forest_path_size(home_.block->payload->leaves().size(), index_);
  for (const Known* one : candidate.below) payload += size_of(one->header);
  std::size_t history = payload + 1;
  if (!candidate.below.empty() && is_executed(candidate.b1->header.parent)) {
    const std::uint64_t position = home_.before.count() + index_;
    history = certificate::forest_path_size(candidate.b1->before.count(), position);
  }
  candidate.proof.inclusion = history < payload ? Inclusion::kHistory : Inclusion::kPayload;
  candidate.size = size_of(candidate.proof) + std::min(history, payload);
}

/// Blocks that are committed but not executed yet are not in the index.
bool Prover::is_executed(const Digest& id) {
  const Known* block = find(id);
  if (block == nullptr) return false;
  const auto row = committed_at(storage_, block->header.height);
  return row && row->has_value();
}

CommitProof Prover::finish(Candidate candidate) {
  CommitProof proof = std::move(candidate.proof);
  std::uint32_t index = index_;
  for (const RequestRef& request : home_.block->payload->requests()) {
    if (index < request.count) {
      const auto commands = commands_of(request.in(*home_.block->payload->bytes()));
      proof.command.assign(commands[index].bytes.begin(), commands[index].bytes.end());
      break;
    }
    index -= request.count;
  }
  if (proof.inclusion == Inclusion::kHistory) {
    proof.path = history_path(*candidate.b1);
  } else {
    proof.path = certificate::make_forest_path(home_.block->payload->leaves(), index_, hasher_);
    for (const Known* one : candidate.below) proof.headers.push_back(one->header);
  }
  return proof;
}

ForestPath Prover::history_path(const Known& b1) {
  const Height highest{b1.header.height.value - 1};
  return certificate::make_forest_path(
      b1.before, home_.before.count() + index_,
      [&](unsigned level, std::uint64_t at) { return history_node(level, at, highest); });
}

/// A node of the history's forest is complete with its last leaf. Made anew from the block that
/// holds that leaf: from its own leaves, and from the peaks before it, which are stored with it.
Digest Prover::history_node(unsigned level, std::uint64_t index, Height highest) {
  const std::uint64_t last = ((index + 1) << level) - 1;
  const auto row = block_of(storage_, last, highest);
  if (!row) failure_ = row.error();
  const auto chained = row && *row ? read((*row)->ref.id) : std::nullopt;
  if (!chained || last < chained->before.count()) return pruned_ = true, Digest{};
  const std::uint64_t first = chained->before.count();
  if (last - first >= chained->block->payload->leaves().size()) {
    failure_ = corrupt("the index of heights does not fit the blocks");
    return {};
  }
  const std::span<const Digest> leaves(chained->block->payload->leaves());
  return certificate::completed_node(chained->before, leaves.first(last - first + 1), level,
                                     hasher_);
}

}  // namespace waggle::smr
