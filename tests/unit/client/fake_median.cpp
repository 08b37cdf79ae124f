#include "tests/unit/client/fake_median.hpp"

#include <algorithm>

namespace waggle::client::testing_support {

using median::lane_number;
using median::lane_of;
using median::number_in_lane;

std::optional<std::uint64_t> MemoryLanes::used_below(std::uint16_t lane) const {
  const auto found = fresh.find(lane);
  if (found != fresh.end()) return found->second;
  return key_is_new ? std::optional(lane_number(lane, 1)) : std::nullopt;
}

Result<void, std::string> MemoryLanes::set_used_below(std::uint64_t number) {
  fresh[lane_of(number)] = number;
  return {};
}

Result<void, std::string> MemoryLanes::sync() {
  if (broken) return Unexpected{std::string("disk full")};
  durable = fresh;
  return {};
}

FakeMedian::FakeMedian(std::uint32_t n) : blocked(n, false), lag(n, Duration{0}) {
  options.replicas.resize(n);
  options.chain = std::make_shared<ChainConfig>();  // Without leaders.
  options.answer_expected = std::chrono::seconds(1);
}

void FakeMedian::start_client() {
  ++incarnation_;
  if (!chain_file.empty()) {
    auto opened = ChainFile::open(chain_file, options.chain_id, key_.public_key(), hasher_);
    ASSERT_TRUE(opened) << opened.error();
    chains_ = std::move(*opened);
  }
  lanes_ = std::make_unique<Lanes>(options, key_, Stores{store, chains_.get()}, rng_);
  for (std::uint32_t i = 0; i < blocked.size(); ++i) {
    lanes_->connection_up(ReplicaId{i}, now_);
  }
  flush();
}

void FakeMedian::kill_client() {
  lanes_.reset();
  chains_.reset();
  tick_.reset();
  store.crash();
}

void FakeMedian::submit(std::vector<std::string> commands, Duration timeout) {
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
  lanes_->submit(std::move(group), now_);
  flush();
}

void FakeMedian::resume(std::uint64_t number, Duration timeout) {
  const auto done = [this, number](std::vector<Outcome> outcomes) {
    outcomes_.insert_or_assign("#" + std::to_string(number), outcomes.at(0));
  };
  lanes_->resume(number, now_ + timeout, done, now_);
  flush();
}

void FakeMedian::run_for(Duration span) {
  const Duration end = now_ + span;
  while (true) {
    if (!tick_ && lanes_) tick_ = lanes_->next_tick(now_);
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
      if (lanes_) lanes_->tick(now_);
    }
    flush();
  }
  now_ = end;
}

/// As the client library does: nothing leaves before the store is synced.
void FakeMedian::flush() {
  if (!lanes_) return;
  const auto sendings = lanes_->take_sendings();
  if (!sendings.empty()) {
    if (const auto synced = (Stores{store, chains_.get()}.sync()); !synced) {
      lanes_->store_failed(synced.error(), now_);
    } else {
      for (const Sending& sending : sendings) {
        const std::uint32_t to = sending.to.value;
        if (const auto* submit = std::get_if<smr::Submit>(&sending.message)) {
          sent_.emplace(parse_request(*submit->request, options.limits)->first, to);
        }
        at(now_ + link_delay, [this, to, message = sending.message] { arrive(to, message); });
      }
    }
  }
  for (Completion& completion : lanes_->take_completions()) {
    completion.done(std::move(completion.outcomes));
  }
}

std::string FakeMedian::judge(const certificate::Certificate& certificate) const {
  const auto verdict = forest_.verify(certificate, session(lane_of(certificate.number)), hasher_);
  return verdict ? "" : std::string(describe(verdict.error()));
}

std::uint64_t FakeMedian::known(std::uint32_t server, std::uint16_t lane) const {
  const auto found = log_.find(lane);
  if (found == log_.end()) return 0;
  const auto& log = found->second.log;
  return static_cast<std::uint64_t>(std::count_if(
      log.begin(), log.end(), [&](const Executed& one) { return one.when + lag[server] <= now_; }));
}

void FakeMedian::arrive(std::uint32_t server, const smr::ClientMessage& message) {
  if (blocked[server]) return;
  if (const auto* submit = std::get_if<smr::Submit>(&message)) {
    take_request(server, submit->request);
  } else if (const auto* query = std::get_if<smr::SessionQuery>(&message)) {
    const auto lane = static_cast<std::uint16_t>(query->lane);
    reply(server, smr::SessionInfo{key_.public_key(), lane_number(lane, known(server, lane) + 1),
                                   query->lane});
  }
}

void FakeMedian::take_request(std::uint32_t server, const SharedBytes& bytes) {
  const auto request = parse_request(*bytes, options.limits);
  ASSERT_TRUE(request) << "a client sends well-formed requests only";
  commands_max_ = std::max<std::size_t>(commands_max_, request->count);
  const std::uint16_t lane = lane_of(request->first);
  const std::uint64_t number = number_in_lane(request->first);
  if (number <= known(server, lane)) return answer(server, request->first);
  if (number > known(server, lane) + 1) {
    return reply(server, smr::Rejected{request->client, request->first, request->count,
                                       Refusal::kNumberTooFar});
  }
  const bool fresh = !waiting_.contains(bytes);
  waiting_[bytes].insert(server);
  if (!fresh) return;
  const auto same_lane = [&](const auto& entry) {
    return lane_of(parse_request(*entry.first, options.limits)->first) == lane;
  };
  const auto under_way = std::count_if(waiting_.begin(), waiting_.end(), same_lane);
  lane_max_ = std::max(lane_max_, static_cast<std::size_t>(under_way));
  at(now_ + order_delay, [this, bytes] { execute(bytes); });
}

void FakeMedian::execute(const SharedBytes& bytes) {
  if (!ordering) return at(now_ + order_delay, [this, bytes] { execute(bytes); });
  const auto request = *parse_request(*bytes, options.limits);
  Lane& lane = log_[lane_of(request.first)];
  if (number_in_lane(request.first) == lane.log.size() + 1) {
    const std::string text(as_text(commands_of(*bytes).front().bytes));
    lane.log.push_back({now_, to_bytes("r" + text)});
    const Digest leaf = command_leaf(request.client, request.first, to_bytes(text), hasher_);
    forest_.append(session(lane_of(request.first)), lane.log.size(), leaf, hasher_);
    if (text.empty())
      ++fillers_;
    else
      executed_.push_back(text);
  }
  const auto who = waiting_[bytes];
  waiting_.erase(bytes);
  for (const std::uint32_t server : who) {
    at(now_ + lag[server], [this, server, number = request.first] { answer(server, number); });
  }
}

void FakeMedian::nullify(std::uint64_t number) {
  Lane& lane = log_[lane_of(number)];
  ASSERT_EQ(lane.log.size() + 1, number_in_lane(number));
  lane.log.push_back({now_, std::nullopt});
  forest_.append(session(lane_of(number)), lane.log.size(), std::nullopt, hasher_);
}

void FakeMedian::answer(std::uint32_t server, std::uint64_t number) {
  const Lane& lane = log_[lane_of(number)];
  const Executed& executed = lane.log.at(number_in_lane(number) - 1);
  const bool last = known(server, lane_of(number)) == number_in_lane(number);
  if (!last || !executed.result) {
    const Refusal reason = last ? Refusal::kNumberTaken : Refusal::kNumberOld;
    return reply(server, smr::Rejected{key_.public_key(), number, 1, reason});
  }
  smr::Committed committed{key_.public_key(), View{1}, Height{number_in_lane(number)}, {}, {}, {}};
  committed.results.push_back({number, *executed.result});
  Writer writer;
  encode(writer, *forest_.acknowledgement(session(lane_of(number))));
  committed.acknowledgement = writer.take();
  reply(server, committed);
}

void FakeMedian::reply(std::uint32_t server, smr::ReplicaMessage message) {
  at(now_ + link_delay, [this, server, message = std::move(message), to = incarnation_] {
    if (!lanes_ || to != incarnation_ || blocked[server]) return;
    lanes_->receive(ReplicaId{server}, message, now_);
  });
}

}  // namespace waggle::client::testing_support
