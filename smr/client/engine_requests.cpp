#include <algorithm>

#include "consensus/core/encoding.hpp"
#include "consensus/core/request.hpp"
#include "smr/client/engine.hpp"

/// A request on its way: put together, signed, handed to couriers, answered.
namespace waggle::client {
namespace {

/// Fates of expired numbers that are kept for resume().
constexpr std::size_t kLateMax = 4096;
/// Client, first number, count, signature; and the length in front of each command.
constexpr std::size_t kRequestOverhead = 32 + 8 + 4 + 64;
constexpr std::size_t kCommandOverhead = 4;

std::size_t size_of(const Group& group) {
  std::size_t size = 0;
  for (const Bytes& command : group.commands) size += command.size() + kCommandOverhead;
  return size;
}

}  // namespace

void Engine::pump(Duration now) {
  if (phase_ == Phase::kAdopting && pending_.empty() && (queue_.empty() || queue_.front().done)) {
    begin_poll(now);  // The first filling has committed.
  }
  const bool connected = std::find(up_.begin(), up_.end(), true) != up_.end();
  const bool open = connected && (phase_ == Phase::kReady || phase_ == Phase::kAdopting);
  while (open && pending_.size() < options_.batching.requests_in_flight_max) {
    std::vector<Group> batch = next_batch();
    if (batch.empty()) return;
    std::uint32_t count = 0;
    for (const Group& group : batch) count += static_cast<std::uint32_t>(group.commands.size());
    if (!reserve(count)) {
      for (Group& group : batch) not_sent(group, store_error_);
      continue;
    }
    launch(window_->take(count), std::move(batch), now);
  }
}

std::vector<Group> Engine::next_batch() {
  std::vector<Group> batch;
  std::size_t count = 0;
  std::size_t size = kRequestOverhead;
  while (!queue_.empty()) {
    const Group& next = queue_.front();
    const bool filler = !next.done;
    if (phase_ == Phase::kAdopting && !filler) break;
    if (!batch.empty()) {
      const bool fits = count + next.commands.size() <=
                            std::min<std::size_t>(options_.batching.commands_max, group_max()) &&
                        size + size_of(next) <= options_.limits.request_bytes_max;
      const bool same_kind = filler == !batch.front().done;
      if (!fits || !same_kind) break;
    }
    if (count + next.commands.size() > window_->room()) break;
    count += next.commands.size();
    size += size_of(next);
    queued_ -= next.commands.size();
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

bool Engine::reserve(std::uint32_t count) {
  if (!store_error_.empty()) return false;
  const std::uint64_t needed = window_->next() + count;
  if (needed <= reserved_below_) return true;
  const auto stored = stores_.numbers.set_used_below(needed + capability_.reserve);
  if (!stored) return store_error_ = stored.error(), false;
  reserved_below_ = needed + capability_.reserve;
  return true;
}

void Engine::launch(std::uint64_t first, std::vector<Group> groups, Duration now) {
  std::vector<Bytes> commands;
  std::vector<Member> members;
  const bool filler = !groups.front().done;
  for (Group& group : groups) {
    const std::uint64_t number = first + commands.size();
    const auto count = static_cast<std::uint32_t>(group.commands.size());
    members.push_back({number, count, group.deadline, std::move(group.done)});
    std::move(group.commands.begin(), group.commands.end(), std::back_inserter(commands));
  }
  if (stores_.chains != nullptr && capability_.one_by_one()) {
    stores_.chains->issue(first, commands.front());
  }
  const auto count = static_cast<std::uint32_t>(commands.size());
  const auto request =
      std::make_shared<const Bytes>(make_request(options_.chain_id, key_, first, commands));
  const auto [at, fresh] =
      pending_.emplace(first, Pending{request, count, std::move(members),
                                      ReplyCollector(first, count, capability_.believed),
                                      Courier(up_, capability_.asked_first, preference_.order(),
                                              latency_.stretch(timing_), now),
                                      filler, pending_.empty(), std::nullopt});
  ENSURE(fresh, "a number is used twice");
  deliver(at->second, now);
}

std::vector<bool> Engine::settled(const Pending& pending) const {
  std::vector<bool> settled(n());
  for (std::uint32_t i = 0; i < n(); ++i) settled[i] = pending.replies.answered(ReplicaId{i});
  return settled;
}

void Engine::deliver(Pending& pending, Duration now) {
  for (const ReplicaId to : pending.courier.due(now, settled(pending), rng_)) {
    sendings_.push_back({to, smr::Submit{pending.request}});
  }
}

Engine::Pendings::iterator Engine::find(std::uint64_t number) {
  auto found = pending_.upper_bound(number);
  if (found == pending_.begin()) return pending_.end();
  --found;
  return number - found->first < found->second.count ? found : pending_.end();
}

/// Takes what comes with a reply of the median rule: where the command stands, and the chain of the
/// one before.
void Engine::acknowledge(Pending& pending, std::uint64_t number, const smr::Committed& answer) {
  Reader reader(answer.acknowledgement);
  auto taken = certificate::decode_acknowledgement(reader);
  if (!reader.done()) return;
  for (std::uint64_t* one :
       {&taken.newest.number, taken.previous ? &taken.previous->command.number : nullptr}) {
    if (one != nullptr) *one = median::lane_number(lane_, *one);  // The server counts in the lane.
  }
  if (taken.newest.number != number) return;
  const ByteView command = commands_of(*pending.request).front().bytes;
  pending.certificate = {
      key_.public_key(), number, Bytes(command.begin(), command.end()), taken.newest.position, {}};
  if (stores_.chains != nullptr) stores_.chains->acknowledge(taken);
}

void Engine::on_committed(ReplicaId from, const smr::Committed& answer, Duration now) {
  std::set<std::uint64_t> touched;  // Requests, by first number.
  for (const smr::CommandResult& result : answer.results) {
    const auto found = find(result.number);
    if (found == pending_.end()) continue;
    touched.insert(found->first);
    if (!found->second.replies.add(from, answer, result)) continue;
    window_->settle(result.number);
    if (capability_.one_by_one()) acknowledge(found->second, result.number, answer);
  }
  for (const std::uint64_t first : touched) {
    const auto found = pending_.find(first);
    report(found->second);
    if (found->second.replies.complete()) {
      learn_from(found->second, now);
      pending_.erase(found);
      last_active_ = now;
    } else {
      found->second.courier.hurry(now);
    }
  }
}

/// By what was believed: an answer that came to nothing is as good as none.
void Engine::learn_from(const Pending& answered, Duration now) {
  const std::vector<ReplicaId>& supporters = answered.replies.supporters();
  std::vector<bool> heard(n());
  for (const ReplicaId replica : supporters) heard[replica.value] = true;
  if (const auto took = answered.courier.took(now, heard)) latency_.sample(*took);
  for (const ReplicaId replica : answered.courier.let_down_by(heard)) preference_.let_down(replica);
  const bool alone = answered.alone && pending_.size() == 1 && queue_.empty();
  if (alone && !capability_.one_by_one()) preference_.answered_first(supporters.front());
}

void Engine::on_rejected(ReplicaId from, const smr::Rejected& answer, Duration now) {
  const auto found = pending_.find(answer.first);
  if (found == pending_.end() || found->second.count != answer.count) return;
  if (answer.reason == Refusal::kDuplicate) return;  // It has it and will answer.
  Pending& pending = found->second;
  pending.replies.reject(from, answer.reason);
  pending.courier.hurry(now);
  if (const auto verdict = pending.replies.verdict()) conclude(found, *verdict, now);
}

void Engine::conclude(Pendings::iterator found, Refusal verdict, Duration now) {
  const std::uint64_t first = found->first;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  for (Member& member : pending.members) {
    std::vector<Outcome> outcomes;
    for (std::uint64_t i = member.first; i < member.first + member.count; ++i) {
      const auto& decided = pending.replies.decided(i);
      if (decided) outcomes.emplace_back(outcome_of(pending, *decided));
      // Executed before and forgotten, or its session ended before it came: nobody can tell.
      else if (verdict == Refusal::kNumberOld)
        outcomes.emplace_back(Unknown{i, verdict});
      else
        outcomes.emplace_back(Rejected{verdict, {}});
    }
    if (member.expired) remember(member, outcomes);
    if (member.done) completions_.push_back({std::move(member.done), std::move(outcomes)});
  }
  // The session has gone on without us: find out where it stands. Any other verdict leaves a hole
  // in the numbers, unless something else has them or we may not submit at all.
  const bool hole = verdict != Refusal::kNumberOld && verdict != Refusal::kNumberTaken &&
                    verdict != Refusal::kClientNotAllowed;
  if (hole && !pending.filler) {
    launch(first, {{std::vector<Bytes>(pending.count), Duration::max(), nullptr}}, now);
    return;
  }
  for (std::uint32_t i = 0; i < pending.count; ++i) window_->settle(first + i);
  if (pending.filler && verdict == Refusal::kClientNotAllowed) {
    // Commands will be told the same; let them.
    adopted_below_ = 0;
    phase_ = Phase::kReady;
  }
  if (verdict == Refusal::kNumberOld && phase_ == Phase::kReady) begin_poll(now);
}

Committed Engine::outcome_of(const Pending& pending, const Committed& decided) {
  Committed outcome = decided;
  outcome.certificate = pending.certificate;
  return outcome;
}

void Engine::report(Pending& pending) {
  for (Member& member : pending.members) {
    if (!member.done && !member.expired) continue;
    std::vector<Outcome> outcomes;
    for (std::uint64_t i = member.first; i < member.first + member.count; ++i) {
      const auto& decided = pending.replies.decided(i);
      if (!decided) break;
      outcomes.emplace_back(outcome_of(pending, *decided));
    }
    if (outcomes.size() < member.count) continue;
    if (member.expired) remember(member, outcomes);
    member.expired = false;
    if (member.done) {
      completions_.push_back({std::exchange(member.done, nullptr), std::move(outcomes)});
    }
  }
}

void Engine::remember(const Member& member, const std::vector<Outcome>& outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    late_.insert_or_assign(member.first + i, outcomes[i]);
  }
  while (late_.size() > kLateMax) late_.erase(late_.begin());
}

}  // namespace waggle::client
