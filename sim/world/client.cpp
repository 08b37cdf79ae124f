#include "sim/world/client.hpp"

#include "sim/world/world.hpp"

namespace waggle::sim {
namespace {

/// Of this many commands of a client one is proven as soon as it is acknowledged.
constexpr std::uint64_t kProofEvery = 16;

}  // namespace

Client::Client(World& world, std::uint32_t index, std::unique_ptr<const Signer> signer,
               const ClientPlan& plan)
    : world_(world),
      index_(index),
      signer_(std::move(signer)),
      plan_(plan),
      rng_(world.rng().fork()),
      lanes_(world.runs_median() ? plan.in_flight_max : 0, 1) {}

void Client::add_commands(std::uint32_t count) {
  plan_.commands += count;
  submit_more();
}

void Client::submit_more() {
  if (waits_ || issued_ >= plan_.commands || requests_.size() >= plan_.in_flight_max) return;
  waits_ = true;
  world_.events().after(rng_.between(Duration{1}, plan_.think_max), [this] {
    waits_ = false;
    submit_one();
    submit_more();
  });
}

Bytes Client::make_value() {
  // Of shared keys a number now and then, so that increments find one.
  const bool number = plan_.keys > 0 && rng_.chance(permille(500));
  Bytes value = number ? to_bytes(std::to_string(rng_.below(100)))
                       : to_bytes("value " + std::to_string(rng_.next()));
  if (!number) value.resize(value.size() + plan_.padding, 'x');
  return value;
}

app::KvCommand Client::make_command(std::uint64_t number) {
  const Mix& mix = plan_.mix;
  std::uint64_t draw = rng_.below(mix.get + mix.put + mix.erase + mix.cas + mix.increment);
  const auto hits = [&draw](std::uint32_t weight) {
    const bool hit = draw < weight;
    draw -= hit ? 0 : weight;
    return hit;
  };
  Bytes key = to_bytes("put " + std::to_string(index_) + "/" + std::to_string(number));
  if (plan_.keys > 0) key = to_bytes("key " + std::to_string(rng_.below(plan_.keys)));
  if (hits(mix.get)) return app::KvGet{key};
  if (hits(mix.put)) return app::KvPut{key, make_value()};
  if (hits(mix.erase)) return app::KvDelete{key};
  if (hits(mix.cas)) {
    std::optional<Bytes> expected;
    if (rng_.chance(permille(700))) expected = to_bytes(std::to_string(rng_.below(100)));
    return app::KvCas{key, expected, make_value()};
  }
  return app::KvIncrement{plan_.keys > 0 ? key : to_bytes("shared counter"), 1};
}

std::pair<std::uint64_t, std::uint64_t> Client::next_numbers() {
  for (std::uint16_t lane = 0; lane < lanes_.size(); ++lane) {
    const std::uint64_t in_flight = median::lane_number(lane, lanes_[lane] - 1);
    if (requests_.contains(in_flight)) continue;
    return {median::lane_number(lane, lanes_[lane]++), 1};
  }
  const std::uint64_t first = next_number_;
  // The window is counted from the lowest number that may not be executed.
  const std::uint64_t lowest = waiting_.empty() ? first : waiting_.begin()->first;
  const std::uint64_t count =
      std::min<std::uint64_t>(rng_.between(1, plan_.batch_max), plan_.commands - first + 1);
  if (first + count - lowest > smr::kSessionWindow) return {first, 0};
  next_number_ += count;
  return {first, count};
}

void Client::submit_one() {
  if (issued_ >= plan_.commands || requests_.size() >= plan_.in_flight_max) return;
  const auto [first, count] = next_numbers();
  if (count == 0) return;
  issued_ += count;
  std::vector<Bytes> commands;
  for (std::uint64_t number = first; number < first + count; ++number) {
    const app::KvCommand command = make_command(number);
    commands.push_back(app::encode(command));
    world_.on_submitted(id(), number, command);
    waiting_.emplace(number, Waiting{command, first, {}});
  }
  world_.note({.kind = EventKind::kSubmit, .replica = index_, .number = first, .count = count});
  Request request;
  request.bytes = std::make_shared<const Bytes>(
      make_request(world_.chain().chain_id, *signer_, first, commands));
  request.open = static_cast<std::uint32_t>(count);
  const std::uint64_t start = rng_.below(world_.n());
  for (std::uint64_t i = 0; i < world_.asked_first(); ++i) {
    send(ReplicaId{static_cast<std::uint32_t>((start + i) % world_.n())}, request.bytes);
  }
  requests_.emplace(first, std::move(request));
  if (plan_.retry == Duration{0}) return;
  world_.events().after(plan_.retry, [this, number = first] { retry(number); });
}

void Client::send(ReplicaId to, const SharedBytes& bytes) {
  // It has one connection to every replica. Of twins, clients of odd numbers know the second.
  Address known = to;
  world_.for_each_address(to, [&](Address at) { known = index_ % 2 == 1 ? at : known; });
  world_.network().send_client(
      [this, known, bytes] { world_.replica(known).deliver_request({index_}, bytes); });
}

void Client::retry(std::uint64_t first) {
  const auto found = requests_.find(first);
  if (found == requests_.end()) return;
  for (std::uint32_t id = 0; id < world_.n(); ++id) send(ReplicaId{id}, found->second.bytes);
  world_.events().after(plan_.retry, [this, number = first] { retry(number); });
}

void Client::on_reply(ReplicaId from, const smr::ReplicaMessage& message) {
  if (const auto* committed = std::get_if<smr::Committed>(&message)) {
    on_committed(from, *committed);
  } else if (const auto* rejected = std::get_if<smr::Rejected>(&message)) {
    world_.note({.kind = EventKind::kReject,
                 .replica = index_,
                 .peer = from.value,
                 .number = rejected->first,
                 .name = to_string(rejected->reason)});
    const bool open = requests_.contains(rejected->first);
    if (open && rejected->reason == Refusal::kNumberOld && world_.judge().honest(from)) {
      world_.fail("integrity", told(from) + " calls the open number " +
                                   std::to_string(rejected->first) + " old");
    }
  }
}

void Client::on_committed(ReplicaId from, const smr::Committed& committed) {
  if (committed.client != id()) {
    if (world_.judge().honest(from)) {
      world_.fail("integrity", told(from) + " answers a client with another one's results");
    }
    return;
  }
  for (const smr::CommandResult& result : committed.results) {
    const auto found = waiting_.find(result.number);
    if (found == waiting_.end()) continue;
    auto& told = found->second.answers[{committed.height, committed.block, result.result}];
    told.insert(from);
    if (told.size() >= world_.believed()) on_believed(result.number, committed, result);
  }
}

void Client::on_believed(std::uint64_t number, const smr::Committed& where,
                         const smr::CommandResult& result) {
  const auto node = waiting_.extract(number);
  const auto decoded = app::decode_kv_result(result.result);
  if (decoded) {
    world_.on_acknowledged(id(), number, where, *decoded);
    if (world_.runs_median()) {
      last_ = {number, node.mapped().command, where.height.value - 1};
      if (acknowledged_ % kProofEvery == 0) check_last_seal();
    } else if (number % kProofEvery == 1) {
      world_.check_proof(id(), number);
    }
  } else {
    world_.fail("integrity", "a client is told what is no result");
  }
  ++acknowledged_;
  world_.note({.kind = EventKind::kAcknowledge,
               .replica = index_,
               .number = number,
               .height = where.height});
  const auto request = requests_.find(node.mapped().request);
  if (--request->second.open == 0) requests_.erase(request);
  submit_more();
}

bool Client::check_last_seal() {
  return !last_ || world_.check_seal(id(), last_->number, last_->command, last_->position);
}

}  // namespace waggle::sim
