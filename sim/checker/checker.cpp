#include "sim/checker/checker.hpp"

namespace waggle::sim {
namespace {

std::string name(ReplicaId replica) { return "replica " + std::to_string(replica.value); }
std::string name(View view) { return "view " + std::to_string(view.value); }
std::string name(Height height) { return "height " + std::to_string(height.value); }

}  // namespace

void Checker::on_commit(ReplicaId replica, const smr::ExecutionJob& job) {
  if (!honest(replica)) return;
  const Height height = job.block->height();
  const Digest& id = job.block->id;
  const auto [at, fresh] = chain_.emplace(height, id);
  if (!fresh && at->second != id) {
    fail("agreement: " + name(replica) + " commits " + short_hex(id) + " at " + name(height) +
         ", others " + short_hex(at->second));
  }
  if (fresh) {
    views_.emplace(height, job.block->view());
    const auto below = views_.find(Height{height.value - 1});
    if (below != views_.end() && below->second >= job.block->view()) fail("views do not rise");
    const auto parent = chain_.find(Height{height.value - 1});
    if (parent != chain_.end() && parent->second != job.block->parent()) {
      fail("agreement: the block at " + name(height) + " does not stand on the one below");
    }
  }
  Seen& seen = replicas_.at(replica.value);
  if (height != seen.executed.next()) {
    fail("order: " + name(replica) + " executes " + name(height) + " after " +
         name(seen.executed));
  }
  seen.executed = height;
  std::size_t next = 0;
  std::set<std::pair<ClientId, std::uint64_t>> here;
  for (const RequestRef& request : job.block->payload->requests()) {
    for (std::uint32_t i = 0; i < request.count; ++i, ++next) {
      if (job.decisions.at(next) != smr::Decision::kExecute) continue;
      const std::uint64_t number = request.first + i;
      const auto [first, news] = executed_at_.emplace(std::pair(request.client, number), height);
      const bool once_here = here.emplace(request.client, number).second;
      if (!once_here || (!news && first->second != height)) {
        fail("exactly once: number " + std::to_string(number) + " executes at " + name(height) +
             " and at " + name(first->second));
      }
    }
  }
}

void Checker::on_executed(ReplicaId replica, const smr::Executed& position) {
  if (!honest(replica)) return;
  const auto [at, fresh] = states_.emplace(position.height, position.digest);
  if (!fresh && at->second != position.digest) {
    fail("state: " + name(replica) + " differs at " + name(position.height));
  }
}

void Checker::on_restarted(ReplicaId replica, const smr::Executed& position) {
  if (!honest(replica)) return;
  Seen& seen = replicas_.at(replica.value);
  if (position.height > seen.executed) fail("recovery: a height that was never executed");
  if (position.height > Height{0}) {
    const auto block = chain_.find(position.height);
    if (block == chain_.end() || block->second != position.block) {
      fail("recovery: " + name(replica) + " stands on another block at " + name(position.height));
    }
    on_executed(replica, position);
  }
  seen.executed = position.height;
}

void Checker::on_sent(ReplicaId replica, const chained::Message& message) {
  if (!honest(replica)) return;
  if (const auto* vote = std::get_if<chained::Vote>(&message)) {
    on_vote(replica, vote->view, vote->block);
  } else if (const auto* timeout = std::get_if<chained::TimeoutMessage>(&message)) {
    on_timeout(replica, timeout->timeout);
  } else if (const auto* proposal = std::get_if<chained::Proposal>(&message)) {
    const Block& block = *proposal->block;
    const auto [at, fresh] = replicas_.at(replica.value).proposals.emplace(block.view(), block.id);
    news_ += fresh ? 1 : 0;
    if (!fresh && at->second != block.id) {
      fail("durability: " + name(replica) + " proposes twice in " + name(block.view()));
    }
  }
}

void Checker::on_vote(ReplicaId replica, View view, const Digest& block) {
  Seen& seen = replicas_.at(replica.value);
  const auto [at, fresh] = seen.votes.emplace(view, block);
  if (!fresh && at->second != block) {
    fail("durability: " + name(replica) + " votes twice in " + name(view));
  }
  if (!fresh) return;
  ++news_;
  for (auto later = seen.timeouts.lower_bound(view); later != seen.timeouts.end(); ++later) {
    check_covered(replica, view, block, later->first, later->second);
  }
}

void Checker::on_timeout(ReplicaId replica, const Timeout& timeout) {
  Seen& seen = replicas_.at(replica.value);
  if (timeout.tip.view > timeout.view) {
    fail("4.4: " + name(replica) + " times out of " + name(timeout.view) + " with a later tip");
  }
  const auto [at, fresh] = seen.timeouts.emplace(timeout.view, timeout.tip);
  if (!fresh && timeout.tip.rank() < at->second.rank()) {
    fail("4.4: " + name(replica) + " repeats the timeout of " + name(timeout.view) +
         " with a lower tip");
  }
  if (fresh) {
    ++news_;
    for (const auto& [view, block] : seen.votes) {
      if (view <= timeout.view) check_covered(replica, view, block, timeout.view, timeout.tip);
    }
  }
  if (timeout.tip_vote) on_vote(replica, timeout.tip.view, timeout.tip.block);
}

void Checker::check_covered(ReplicaId replica, View voted, const Digest& block, View timeout,
                            const Tip& tip) {
  const bool covered = tip.view > voted || (tip.view == voted && tip.block == block);
  if (!covered) {
    fail("durability: " + name(replica) + " voted in " + name(voted) + " but its timeout of " +
         name(timeout) + " reports a tip of " + name(tip.view));
  }
}

void Checker::on_acknowledged(const ClientId&, const smr::Committed& where,
                              const smr::CommandResult&) {
  const auto block = chain_.find(where.height);
  if (block == chain_.end() || block->second != where.block) {
    fail("client: told of a block at " + name(where.height) + " that is not on the chain");
  }
}

void Checker::on_acknowledged_increment(const Bytes& sum) {
  if (!sums_seen_.insert(std::string(as_text(sum))).second) {
    fail("exactly once: two increments were told the same sum");
  }
}

void Checker::on_acknowledged_put(Bytes key, Bytes value) {
  puts_.insert_or_assign(std::move(key), std::move(value));
}

void Checker::check_state(ReplicaId replica, const storage::Storage& storage) {
  if (!honest(replica)) return;
  const auto counter = storage.get(storage::Family::kState, as_bytes(kCounterKey));
  const std::string sum = counter && *counter ? std::string(as_text(**counter)) : "0";
  const std::uint64_t value = std::stoull(sum);
  if (value < increments_acknowledged()) {
    fail("durability: " + name(replica) + " counted " + sum + ", acknowledged " +
         std::to_string(increments_acknowledged()));
  }
  if (value > increments_submitted_) {
    fail("exactly once: " + name(replica) + " counted " + sum + ", submitted " +
         std::to_string(increments_submitted_));
  }
  for (const auto& [key, expected] : puts_) {
    const auto found = storage.get(storage::Family::kState, key);
    if (!found || !*found || **found != expected) {
      fail("durability: " + name(replica) + " lost " + std::string(as_text(key)));
    }
  }
}

std::optional<Digest> Checker::block_at(Height height) const {
  const auto found = chain_.find(height);
  if (found == chain_.end()) return std::nullopt;
  return found->second;
}

}  // namespace waggle::sim
