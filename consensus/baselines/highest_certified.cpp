#include "consensus/baselines/highest_certified.hpp"

namespace waggle::baselines {

chained::ParentChoice on_highest_certified(const chained::Outlook& outlook, TcPtr tc) {
  const QcPtr& high = outlook.record.high_qc;
  chained::Node* node = outlook.tree.find(high->block);
  if (node == nullptr || !node->connected()) {
    // Any of its signers has it.
    const ReplicaId holder =
        high->signatures.empty() ? ReplicaId{0} : high->signatures.front().signer;
    return {{}, {{high->block, holder}}};
  }
  if (!node->valid()) return {};
  return {chained::Parent{node, std::move(tc)}, {}};
}

}  // namespace waggle::baselines
