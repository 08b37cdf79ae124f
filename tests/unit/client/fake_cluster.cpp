#include "tests/unit/client/fake_cluster.hpp"

namespace waggle::client::testing_support {

FakeCluster::FakeCluster(std::uint32_t n) : moods(n, Mood::kHonest), up_(n) {
  options.replicas.resize(n);
  store.value = 1;
}

void FakeCluster::start_client() {
  ++incarnation_;
  latency_ = {};
  engine_ = std::make_unique<Engine>(options, key_, Stores{store}, rng_, latency_);
  for (std::uint32_t i = 0; i < up_.size(); ++i) connect(i);
}

void FakeCluster::kill_client() {
  engine_.reset();
  up_.assign(up_.size(), false);
}

void FakeCluster::connect(std::uint32_t replica) {
  up_[replica] = true;
  engine_->connection_up(ReplicaId{replica}, now_);
  flush();
}

void FakeCluster::disconnect(std::uint32_t replica) {
  up_[replica] = false;
  for (auto& [bytes, who] : waiting_) who.erase(replica);
  engine_->connection_down(ReplicaId{replica}, "connection refused", now_);
  flush();
}

void FakeCluster::submit(std::vector<std::string> commands, Duration timeout) {
  Group group;
  for (const std::string& command : commands) group.commands.push_back(to_bytes(command));
  group.deadline = now_ + timeout;
  group.done = [this, commands](std::vector<Outcome> outcomes) {
    ASSERT_EQ(outcomes.size(), commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      ASSERT_FALSE(outcomes_.contains(commands[i])) << commands[i] << " was reported twice";
      outcomes_.emplace(commands[i], outcomes[i]);
    }
  };
  engine_->submit(std::move(group), now_);
  flush();
}

void FakeCluster::resume(std::uint64_t number, Duration timeout) {
  engine_->resume(
      number, now_ + timeout,
      [this, number](std::vector<Outcome> outcomes) {
        outcomes_.insert_or_assign("#" + std::to_string(number), outcomes.at(0));
      },
      now_);
  flush();
}

void FakeCluster::run_for(Duration span) {
  const Duration end = now_ + span;
  while (true) {
    // Once set, the timer is not put off by what happens meanwhile.
    if (!tick_ && engine_) tick_ = engine_->next_tick(now_);
    const Duration event = events_.empty() ? Duration::max() : events_.begin()->first;
    const Duration next = std::min(event, tick_.value_or(Duration::max()));
    if (next > end) break;
    now_ = next;
    if (event <= next) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    } else {
      tick_.reset();
      if (engine_) engine_->tick(now_);
    }
    flush();
  }
  now_ = end;
}

void FakeCluster::flush() {
  if (!engine_) return;
  for (Sending& sending : engine_->take_sendings()) {
    const std::uint32_t to = sending.to.value;
    if (std::holds_alternative<smr::Submit>(sending.message)) sent_to_.push_back(to);
    if (!up_[to]) continue;
    at(now_ + link_delay, [this, to, message = sending.message] { arrive(to, message); });
  }
  for (Completion& completion : engine_->take_completions()) {
    completion.done(std::move(completion.outcomes));
  }
}

void FakeCluster::arrive(std::uint32_t replica, const smr::ClientMessage& message) {
  if (moods[replica] == Mood::kSilent) return;
  if (const auto* submit = std::get_if<smr::Submit>(&message)) {
    take_request(replica, submit->request);
  } else if (std::holds_alternative<smr::SessionQuery>(message)) {
    const bool lies = moods[replica] == Mood::kLiar;
    reply(replica, smr::SessionInfo{key_.public_key(), lies ? 1'000'000'000 : lowest_});
  }
}

RequestRef FakeCluster::parse(const SharedBytes& bytes) const {
  const auto request = parse_request(*bytes, options.limits);
  EXPECT_TRUE(request) << "a client sends well-formed requests only";
  return *request;
}

bool FakeCluster::is_filler(const SharedBytes& bytes) const {
  return commands_of(*bytes).front().bytes.empty();
}

bool FakeCluster::settled(const RequestRef& request) const {
  for (std::uint64_t i = request.first; i <= request.last(); ++i) {
    if (!results_.contains(i) && i >= start_) return false;
  }
  return true;
}

void FakeCluster::take_request(std::uint32_t replica, const SharedBytes& bytes) {
  const RequestRef request = parse(bytes);
  const auto refuse = [&](Refusal reason) {
    reply(replica, smr::Rejected{request.client, request.first, request.count, reason});
  };
  if (moods[replica] == Mood::kRefusing && !(spare_fillers && is_filler(bytes))) {
    return refuse(refusal);
  }
  if (moods[replica] == Mood::kLiar) {
    smr::Committed lie{request.client, View{99}, Height{99}, {}, {}};
    for (std::uint64_t i = request.first; i <= request.last(); ++i) {
      lie.results.push_back({i, to_bytes("lie")});
    }
    return reply(replica, lie);
  }
  if (settled(request)) return answer(replica, bytes);
  if (request.first > lowest_ && request.last() - lowest_ >= kWindow) {
    return refuse(Refusal::kNumberTooFar);
  }
  const bool fresh = !waiting_.contains(bytes);
  waiting_[bytes].insert(replica);
  if (fresh) at(now_ + order_delay, [this, bytes] { execute(bytes); });
}

void FakeCluster::execute(const SharedBytes& bytes) {
  if (!ordering) return at(now_ + order_delay, [this, bytes] { execute(bytes); });
  ++height_;
  for (const CommandRef& command : commands_of(*bytes)) {
    const bool too_far = command.number - lowest_ >= kWindow && command.number >= lowest_;
    if (command.number < start_ || too_far || results_.contains(command.number)) continue;
    const std::string text(as_text(command.bytes));
    results_[command.number] = {height_, to_bytes("r" + text)};
    if (text.empty())
      ++fillers_;
    else
      executed_.push_back(text);
    while (results_.contains(lowest_)) ++lowest_;
  }
  for (const std::uint32_t replica : waiting_[bytes]) answer(replica, bytes);
  waiting_.erase(bytes);
}

void FakeCluster::answer(std::uint32_t replica, const SharedBytes& bytes) {
  const RequestRef request = parse(bytes);
  std::map<std::uint64_t, smr::Committed> by_block;
  for (std::uint64_t i = request.first; i <= request.last(); ++i) {
    const auto found = results_.find(i);
    if (found == results_.end()) continue;
    const std::uint64_t height = found->second.height;
    auto& committed = by_block[height];
    committed.client = request.client;
    committed.view = View{height + 1};
    committed.height = Height{height};
    committed.block.bytes[0] = static_cast<std::uint8_t>(height);
    committed.results.push_back({i, found->second.result});
  }
  if (by_block.empty()) {
    reply(replica,
          smr::Rejected{request.client, request.first, request.count, Refusal::kNumberOld});
  }
  for (auto& [height, committed] : by_block) reply(replica, std::move(committed));
}

void FakeCluster::reply(std::uint32_t replica, smr::ReplicaMessage message) {
  const Duration delay = replica == nearest ? link_delay / 2 : link_delay;
  at(now_ + delay, [this, replica, message = std::move(message), to = incarnation_] {
    if (!engine_ || to != incarnation_ || !up_[replica]) return;
    engine_->receive(ReplicaId{replica}, message, now_);
  });
}

void FakeCluster::evict_session(std::uint64_t floor) {
  results_.clear();
  start_ = lowest_ = floor + 1;
}

}  // namespace waggle::client::testing_support
