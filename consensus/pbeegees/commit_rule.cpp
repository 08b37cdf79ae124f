#include "consensus/pbeegees/commit_rule.hpp"

#include "consensus/pbeegees/validity.hpp"

namespace waggle::pbeegees {

using namespace chained;

namespace {

/// 5.2 for one block Z of the path: no other tip of the parent's view, unless it extends B1.
bool equivocation_matters(const BlockTree& tree, const Node& z, const Digest& b1) {
  if (!z.block->tc || z.block->parent() == b1) return false;
  const Node& y = *z.parent;
  for (const Tip& tip : z.block->tc->tips) {
    if (tip.view != y.view() || tip.block == y.id()) continue;
    const Node* x = tree.find(tip.block);
    if (x == nullptr || !tree.extends(x, b1)) return true;
  }
  return false;
}

}  // namespace

CommitVerdict judge_commit(const BlockTree& tree, const Node& b2, const Guards& guards) {
  ENSURE(b2.certified() && b2.connected());
  Node* b1 = tree.find(b2.block->qc->block);
  if (b1 == nullptr || !b1->connected() || b1->height() <= tree.head()->height()) return {};
  for (const Node* z = &b2; z != b1; z = z->parent) {
    const bool walked = walk_to_certified(tree, *z, guards).has_value();  // 5.1
    const bool clear = !guards.equivocation_check || !equivocation_matters(tree, *z, b1->id());
    if (!walked || !clear) return {CommitVerdict::Kind::kSuspended, b1};
  }
  return {CommitVerdict::Kind::kCommit, b1};
}

}  // namespace waggle::pbeegees
