#include "sim/checker/agreement.hpp"

namespace waggle::sim {

std::string Agreement::told_of(const Entry& entry) {
  return told(entry.by) + " committed " + short_hex(entry.block) + " of " + told(entry.view) +
         " there " + told(entry.at);
}

void Agreement::on_commit(ReplicaId replica, const smr::ExecutionJob& job) {
  const Block& block = *job.block;
  const Height height = block.height();
  const auto event = [&] {
    return told(replica) + " commits " + short_hex(block.id) + " of " + told(block.view()) +
           " at " + told(height) + " " + told(now());
  };
  Height& executed = executed_.at(replica.value);
  if (height != executed.next()) fail(event() + ", after " + told(executed));
  executed = height;
  if (const Entry* known = chain_.find(height)) {
    if (known->block != block.id) fail(event() + ", but " + told_of(*known));
    return;
  }
  if (height != chain_.end()) return;
  if (const Entry* below = chain_.find(Height{height.value - 1})) {
    if (below->block != block.parent()) {
      fail(event() + ", which does not stand on the block below: " + told_of(*below));
    }
    if (below->view >= block.view()) fail(event() + ", but views rise: " + told_of(*below));
  }
  chain_.append({block.id, block.view(), replica, now()});
  chain_.forget_up_to(stage_.forgotten);
}

void Agreement::on_restarted(ReplicaId replica, const smr::Executed& position) {
  Height& executed = executed_.at(replica.value);
  const auto event = [&] {
    return told(replica) + " comes back at " + told(position.height) + " " + told(now());
  };
  if (position.height > executed) fail(event() + ", but executed only up to " + told(executed));
  executed = position.height;
  const Entry* known = chain_.find(position.height);
  if (known != nullptr && known->block != position.block) {
    fail(event() + ", on " + short_hex(position.block) + ", but " + told_of(*known));
  }
}

void Agreement::on_acknowledged(const ClientId&, std::uint64_t number, const smr::Committed& where,
                                const app::KvResult&) {
  const Entry* known = chain_.find(where.height);
  const bool beyond = where.height >= chain_.end();
  if (!beyond && (known == nullptr || known->block == where.block)) return;
  fail("a client is told " + told(now()) + " that its command " + std::to_string(number) +
       " is in " + short_hex(where.block) + " at " + told(where.height) +
       (beyond ? ", which nobody committed" : ", but " + told_of(*known)));
}

}  // namespace waggle::sim
