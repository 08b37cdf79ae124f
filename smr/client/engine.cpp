#include "smr/client/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "consensus/core/encoding.hpp"

/// The life of a client: commands come in and wait, the session is found, deadlines pass.
/// engine_requests.cpp has what happens to a request on its way.
namespace waggle::client {
namespace {

/// Deadlines and retries are kept to this.
constexpr Duration kTick = std::chrono::milliseconds(10);
constexpr Duration kPollAgain = std::chrono::milliseconds(300);

/// Depends on key and lane; neighbouring lanes begin with different replicas.
std::uint32_t offset_of(const PublicKey& key, std::uint32_t lane, std::size_t n) {
  return static_cast<std::uint32_t>((Reader(key.view()).u32() + std::uint64_t{lane}) % n);
}

}  // namespace

Result<void, std::string> Stores::sync() const {
  if (auto synced = numbers.sync(); !synced) return synced;
  return chains == nullptr ? Result<void, std::string>() : chains->sync();
}

Engine::Engine(const ClientOptions& options, const Signer& key, Stores stores, Rng& rng,
               LatencyEstimate& latency, std::uint16_t lane)
    : options_(options),
      key_(key),
      stores_(stores),
      rng_(rng),
      lane_(lane),
      capability_(capability_of(options)),
      timing_(timing_of(options)),
      preference_(static_cast<std::uint32_t>(options.replicas.size()),
                  offset_of(key.public_key(), lane, options.replicas.size())),
      latency_(latency),
      up_(options.replicas.size()),
      down_why_(options.replicas.size()),
      poll_(capability_.session_answers, capability_.believed, timing_.session_patience),
      first_number_(median::lane_number(lane, 1)),
      start_below_(first_number_),
      reserved_below_(first_number_) {
  ENSURE(lane < capability_.lanes_max, "a lane that the protocol has");
}

std::size_t Engine::group_max() const {
  return std::min(capability_.window, capability_.commands_max);
}

void Engine::submit(Group group, Duration now) {
  ENSURE(!group.commands.empty() && group.commands.size() <= group_max());
  const bool long_quiet = now - last_active_ >= timing_.session_refresh;
  const bool quiet = pending_.empty() && queue_.empty() && long_quiet;
  if (phase_ == Phase::kIdle || (phase_ == Phase::kReady && quiet)) begin_poll(now);
  last_active_ = now;
  queued_ += group.commands.size();
  queue_.push_back(std::move(group));
  pump(now);
}

void Engine::resume(std::uint64_t number, Duration deadline, Done done, Duration now) {
  if (const auto late = late_.find(number); late != late_.end()) {
    completions_.push_back({std::move(done), {late->second}});
    return;
  }
  const auto found = find(number);
  const bool filling = found == pending_.end() || found->second.filler;
  if (filling || deadline <= now) {
    completions_.push_back({std::move(done), {Unknown{number, std::nullopt}}});
    return;
  }
  found->second.members.push_back({number, 1, deadline, std::move(done)});
  report(found->second);
}

void Engine::connection_up(ReplicaId replica, Duration now) {
  up_.at(replica.value) = true;
  if (phase_ == Phase::kPolling) ask_session(now);
  for (auto& [first, pending] : pending_) deliver(pending, now);
}

void Engine::connection_down(ReplicaId replica, const std::string& why, Duration now) {
  up_.at(replica.value) = false;
  down_why_[replica.value] = why;
  for (auto& [first, pending] : pending_) {
    pending.courier.connection_lost(replica);
    deliver(pending, now);
  }
}

void Engine::receive(ReplicaId from, const smr::ReplicaMessage& message, Duration now) {
  if (const auto* committed = std::get_if<smr::Committed>(&message)) {
    if (committed->client == key_.public_key()) on_committed(from, *committed, now);
  } else if (const auto* rejected = std::get_if<smr::Rejected>(&message)) {
    if (rejected->client == key_.public_key()) on_rejected(from, *rejected, now);
  } else if (const auto* session = std::get_if<smr::SessionInfo>(&message)) {
    if (session->client != key_.public_key() || phase_ != Phase::kPolling) return;
    if (session->lane != lane_) return;
    poll_.add(from, std::max(session->next, first_number_), now);
    check_poll(now);
  }
  pump(now);
}

void Engine::tick(Duration now) {
  expire(now);
  if (phase_ == Phase::kPolling) {
    check_poll(now);
    if (phase_ == Phase::kPolling && now >= poll_again_) ask_session(now);
  }
  for (auto& [first, pending] : pending_) {
    if (now >= pending.courier.next()) deliver(pending, now);
  }
  pump(now);
}

std::optional<Duration> Engine::next_tick(Duration now) const {
  const bool busy = phase_ == Phase::kPolling || !pending_.empty() || !queue_.empty();
  return busy ? std::optional(now + kTick) : std::nullopt;
}

void Engine::close() {
  for (Group& group : queue_) not_sent(group, "the client was closed");
  queue_.clear();
  queued_ = 0;
  expire(Duration::max());
  // A failure leaves the reservation, which is safe: the rest of it is filled at the next start.
  if (!window_ || !store_error_.empty()) return;
  (void)stores_.numbers.set_used_below(std::max(window_->next(), start_below_)).has_value();
}

void Engine::store_failed(const std::string& why, Duration now) {
  store_error_ = why;
  pump(now);
}

void Engine::begin_poll(Duration now) {
  phase_ = Phase::kPolling;
  poll_.start(now);
  ask_session(now);
}

void Engine::ask_session(Duration now) {
  poll_again_ = now + kPollAgain;
  for (std::uint32_t i = 0; i < n(); ++i) {
    const ReplicaId replica{i};
    if (!is_up(replica) || poll_.has_answer(replica)) continue;
    sendings_.push_back({replica, smr::SessionQuery{key_.public_key(), lane_}});
  }
}

void Engine::check_poll(Duration now) {
  const auto lowest = poll_.result(now);
  if (!lowest) return;
  if (*lowest < adopted_below_) {
    // Those who answered have not executed the filling yet.
    if (now >= poll_again_) begin_poll(now);
    return;
  }
  open_session(*lowest, now);
}

void Engine::open_session(std::uint64_t lowest, Duration now) {
  phase_ = Phase::kReady;
  if (adopted_below_ != 0) {  // Second round of an adoption.
    adopted_below_ = 0;
    window_->skip_to(lowest);
    fill(window_->next(), window_->next() + capability_.window);
  } else if (window_) {  // A refresh: nothing of ours is open.
    window_->skip_to(lowest);
  } else if (const auto used_below = stores_.numbers.used_below(lane_)) {
    reserved_below_ = *used_below;
    start_below_ = *used_below;
    // Holes lie less than this below what the store says: a reservation, a request, a window.
    const std::uint64_t holes_max = capability_.reserve + 2 * std::uint64_t{capability_.window};
    const std::uint64_t used = *used_below - first_number_;
    const std::uint64_t settled = first_number_ + (used > holes_max ? used - holes_max : 0);
    window_.emplace(resume_from(std::max(lowest, settled), lowest), capability_.window);
    fill(window_->next(), *used_below);
    repeat_unacknowledged();
  } else {
    window_.emplace(lowest, capability_.window);
    phase_ = Phase::kAdopting;
    adopted_below_ = lowest + capability_.window;
    fill(lowest, adopted_below_);
  }
  last_active_ = now;
}

/// `start`, or the number before the lowest, if its acknowledgement is still to be had.
std::uint64_t Engine::resume_from(std::uint64_t start, std::uint64_t lowest) const {
  if (stores_.chains == nullptr) return start;
  const auto open = stores_.chains->unacknowledged(lane_);
  return open && open->number + 1 == lowest ? open->number : start;
}

/// The command itself in place of its filler.
void Engine::repeat_unacknowledged() {
  if (stores_.chains == nullptr) return;
  auto open = stores_.chains->unacknowledged(lane_);
  if (!open || open->number < window_->next()) return;
  const std::uint64_t index = open->number - window_->next();
  if (index >= queue_.size() || queue_[index].done) return;
  queue_[index].commands.front() = std::move(open->command);
}

void Engine::fill(std::uint64_t from, std::uint64_t to) {
  std::vector<Group> fillers;
  while (from < to) {
    const auto count = std::min<std::uint64_t>(to - from, group_max());
    fillers.push_back({std::vector<Bytes>(count), Duration::max(), nullptr});
    queued_ += count;
    from += count;
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(fillers.begin()),
                std::make_move_iterator(fillers.end()));
}

void Engine::expire(Duration now) {
  std::erase_if(queue_, [&](Group& group) {
    if (now < group.deadline) return false;
    queued_ -= group.commands.size();
    not_sent(group, why_not_sent());
    return true;
  });
  for (auto& [first, pending] : pending_) {
    for (Member& member : pending.members) {
      if (!member.done || now < member.deadline) continue;
      std::vector<Outcome> outcomes;
      for (std::uint64_t i = member.first; i < member.first + member.count; ++i) {
        const auto& decided = pending.replies.decided(i);
        if (decided)
          outcomes.emplace_back(outcome_of(pending, *decided));
        else
          outcomes.emplace_back(Unknown{i, pending.replies.last_refusal()});
      }
      completions_.push_back({std::exchange(member.done, nullptr), std::move(outcomes)});
      member.expired = true;
    }
  }
}

void Engine::not_sent(Group& group, const std::string& why) {
  if (!group.done) return;
  completions_.push_back(
      {std::move(group.done), std::vector<Outcome>(group.commands.size(), NotSent{why})});
}

std::string Engine::why_not_sent() const {
  const auto up = static_cast<std::size_t>(std::count(up_.begin(), up_.end(), true));
  if (!store_error_.empty()) return store_error_;
  if (up < capability_.believed) {
    std::string why =
        fmt::format("{} of {} replicas reachable, {} needed", up, n(), capability_.believed);
    const auto down = std::find_if(down_why_.begin(), down_why_.end(),
                                   [](const std::string& text) { return !text.empty(); });
    if (down != down_why_.end()) {
      why += fmt::format(" (replica {}: {})", down - down_why_.begin(), *down);
    }
    return why;
  }
  if (phase_ == Phase::kPolling) return "too few replicas told where the session stands";
  return "the commands ahead of it took too long";
}

}  // namespace waggle::client
