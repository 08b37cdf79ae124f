#include "consensus/chained/block_tree.hpp"

#include <algorithm>
#include <set>

#include "consensus/chained/rules.hpp"

namespace waggle::chained {

BlockTree::BlockTree(const ChainConfig& config, const Hasher& hasher, const Rules& rules,
                     BlockPtr genesis)
    : config_(config), hasher_(hasher), rules_(rules) {
  reset({std::move(genesis), Forest{}}, {});
}

void BlockTree::reset(const ChainedBlock& head, std::vector<CommittedRef> ancestry) {
  nodes_.clear();
  by_view_.clear();
  orphans_.clear();
  connected_.clear();
  unconnected_ = 0;
  unconnected_bytes_ = 0;
  ancestry_.clear();
  ancestry_by_id_.clear();
  auto node = std::make_unique<Node>();
  node->block = head.block;
  node->before = head.before;
  node->validity = Validity::kValid;
  if (head.block->view() == View{0}) node->certificate = head.block->qc;  // genesis
  node->stored = true;
  head_ = node.get();
  by_view_[node->view()].push_back(head_);
  nodes_.emplace(head.block->id, std::move(node));
  for (CommittedRef& ref : ancestry) {
    ancestry_by_id_.emplace(ref.id, ref);
    ancestry_.push_back(std::move(ref));
  }
  remember_committed(head_);
}

Result<Node*, Refusal> BlockTree::insert(const BlockPtr& block, bool solicited) {
  if (Node* present = find(block->id)) return present;
  // What was asked for may pass through blocks of older views, to learn where its branch leaves.
  const bool below =
      block->view() < head_->view() && (!solicited || block->height() <= head_->height());
  if (is_committed(block->id)) return Unexpected{Refusal::kDuplicate};
  if (below) return Unexpected{Refusal::kConflictsCommitted};
  const Node* parent_node = find(block->parent());
  const bool connects = parent_node != nullptr && parent_node->connected();
  const bool full = in_view(block->view()).size() >= kBlocksPerView ||
                    (!connects && unconnected_ >= kUnconnectedMax);
  const bool heavy =
      !connects && unconnected_bytes_ + block->payload->bytes()->size() > kUnconnectedBytesMax;
  if ((full && !solicited) || heavy) return Unexpected{Refusal::kTooMany};

  auto owned = std::make_unique<Node>();
  Node* node = owned.get();
  node->block = block;
  node->solicited = solicited;
  nodes_.emplace(block->id, std::move(owned));
  by_view_[block->view()].push_back(node);
  count_unconnected(node);
  const auto loose = loose_certificates_.find(block->view());
  if (loose != loose_certificates_.end() && loose->second->block == block->id) {
    node->certificate = loose->second;
    loose_certificates_.erase(loose);
  }
  if (const auto waiting = orphans_.find(block->id); waiting != orphans_.end()) {
    node->children = std::move(waiting->second);
    for (Node* child : node->children) child->parent = node;
    orphans_.erase(waiting);
  }
  if (Node* parent = find(block->parent())) {
    node->parent = parent;
    parent->children.push_back(node);
    if (parent->connected()) connect(node);
  } else {
    orphans_[block->parent()].push_back(node);
  }
  return node;
}

void BlockTree::connect(Node* node) {
  std::vector<Node*> pending = {node};
  while (!pending.empty()) {
    Node* next = pending.back();
    pending.pop_back();
    Forest before = *next->parent->before;
    before.append(next->parent->block->payload->leaves(), hasher_);
    next->before = std::move(before);
    uncount_unconnected(next);
    const auto checked = rules_.check_explicit(*this, *next, config_, hasher_);
    next->validity = checked ? Validity::kValid : Validity::kInvalid;
    if (!checked) next->why_invalid = checked.error();
    connected_.push_back(next->id());
    pending.insert(pending.end(), next->children.rbegin(), next->children.rend());
  }
}

void BlockTree::count_unconnected(const Node* node) {
  if (!node->solicited) ++unconnected_;
  unconnected_bytes_ += node->block->payload->bytes()->size();
}

void BlockTree::uncount_unconnected(const Node* node) {
  if (!node->solicited) --unconnected_;
  unconnected_bytes_ -= node->block->payload->bytes()->size();
}

void BlockTree::discard(Node* node) {
  ENSURE(node != head_ && node->children.empty());
  std::erase(connected_, node->id());
  erase(node);
}

Node* BlockTree::certify(const QcPtr& qc) {
  Node* node = find(qc->block);
  if (node != nullptr) {
    if (!node->certified()) node->certificate = qc;
    return node;
  }
  if (qc->view > head_->view()) loose_certificates_.emplace(qc->view, qc);
  if (loose_certificates_.size() > kLooseCertificatesMax) {
    loose_certificates_.erase(loose_certificates_.begin());
  }
  return nullptr;
}

Node* BlockTree::find(const Digest& id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second.get();
}

const std::vector<Node*>& BlockTree::in_view(View view) const {
  static const std::vector<Node*> kNone;
  const auto found = by_view_.find(view);
  return found == by_view_.end() ? kNone : found->second;
}

bool BlockTree::is_committed(const Digest& id) const { return ancestry_by_id_.contains(id); }

std::optional<CommittedRef> BlockTree::committed(const Digest& id) const {
  const auto found = ancestry_by_id_.find(id);
  if (found == ancestry_by_id_.end()) return std::nullopt;
  return found->second;
}

bool BlockTree::conflicts_below_head(const QcRef& certified) const {
  return certified.view < head_->view() && certified.view >= ancestry_.front().view &&
         !is_committed(certified.block);
}

bool BlockTree::extends(const Node* descendant, const Digest& ancestor) const {
  const Node* node = descendant;
  for (; node != nullptr; node = node->parent) {
    if (node->id() == ancestor) return true;
    // Everything connected stands on the head, and so on all that is committed below it.
    if (node == head_) return is_committed(ancestor);
  }
  return false;
}

const Node* BlockTree::lowest_present(const Node* node) const {
  while (node->parent != nullptr) node = node->parent;
  return node;
}

bool BlockTree::leaves_committed(const Node* node) const {
  const Node* lowest = lowest_present(node);
  if (lowest == head_) return false;
  // A parent at the head's height or below that is not the head: the branch left further down.
  return lowest->height() <= head_->height().next();
}

QcPtr BlockTree::highest_qc_on_branch(const Node* node) const {
  // Certificates of ancestors have falling views, so the first one met is the highest; the QC
  // that a block carries certifies an ancestor of it, and bounds the walk.
  const QcPtr& carried = node->block->qc;
  for (const Node* at = node; at != nullptr && at->id() != carried->block; at = at->parent) {
    if (at->certified()) return at->certificate;
  }
  return carried;
}

std::vector<PayloadPtr> BlockTree::uncommitted_payloads(const Node* node) const {
  std::vector<PayloadPtr> payloads;
  for (; node != nullptr && node != head_; node = node->parent) {
    if (!node->block->payload->is_empty()) payloads.push_back(node->block->payload);
  }
  return payloads;
}

bool BlockTree::has_uncommitted_payload(const Node* node) const {
  for (; node != nullptr && node != head_; node = node->parent) {
    if (!node->block->payload->is_empty()) return true;
  }
  return false;
}

std::vector<Node*> BlockTree::path_from_head(Node* node) const {
  std::vector<Node*> path;
  for (; node != nullptr && node != head_; node = node->parent) path.push_back(node);
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<Digest> BlockTree::advance_head(Node* node) {
  std::set<Digest> path;  // also what is too far back to be remembered below
  for (const Node* step : path_from_head(node)) {
    remember_committed(step);
    path.insert(step->id());
  }
  head_ = node;
  if (Node* parent = node->parent) {
    std::erase(parent->children, node);
    node->parent = nullptr;
  }
  // Kept: the head's descendants, and others of views from the head's on, which TCs may still name.
  std::vector<Node*> gone;
  std::vector<Digest> dropped;
  for (const auto& [id, owned] : nodes_) {
    Node* candidate = owned.get();
    if (candidate == head_) continue;
    const bool committed = path.contains(id) || is_committed(id);
    const bool conflicting =
        lowest_present(candidate) != head_ && candidate->view() < head_->view();
    if (!conflicting && !committed) continue;
    gone.push_back(candidate);
    if (candidate->stored && !committed) dropped.push_back(id);
  }
  for (Node* old : gone) erase(old);
  std::erase_if(loose_certificates_,
                [&](const auto& entry) { return entry.first <= head_->view(); });
  return dropped;
}

void BlockTree::erase(Node* node) {
  for (Node* child : node->children) {
    child->parent = nullptr;
    orphans_[node->id()].push_back(child);
    // What hung on it stays as a detached branch, no longer part of the committed future.
    std::vector<Node*> detached = {child};
    while (!detached.empty()) {
      Node* next = detached.back();
      detached.pop_back();
      if (next == head_ || lowest_present(next) == head_) continue;
      if (next->connected()) count_unconnected(next);
      next->before.reset();
      next->validity = Validity::kUnknown;
      detached.insert(detached.end(), next->children.begin(), next->children.end());
    }
  }
  if (node->parent != nullptr) {
    std::erase(node->parent->children, node);
  } else if (const auto waiting = orphans_.find(node->block->parent()); waiting != orphans_.end()) {
    std::erase(waiting->second, node);
    if (waiting->second.empty()) orphans_.erase(waiting);
  }
  if (!node->connected()) uncount_unconnected(node);
  const auto same_view = by_view_.find(node->view());
  std::erase(same_view->second, node);
  if (same_view->second.empty()) by_view_.erase(same_view);
  nodes_.erase(node->id());
}

void BlockTree::remember_committed(const Node* node) {
  const CommittedRef ref{node->id(), node->view(), node->height()};
  if (!ancestry_by_id_.emplace(ref.id, ref).second) return;
  ancestry_.push_back(ref);
  if (ancestry_.size() <= kAncestryMax) return;
  ancestry_by_id_.erase(ancestry_.front().id);
  ancestry_.pop_front();
}

}  // namespace waggle::chained
