#include "sim/world/client.hpp"

#include "smr/app/kv_command.hpp"
#include "sim/world/world.hpp"

namespace waggle::sim {

Client::Client(World& world, std::uint64_t index, const SymbolicSigner& signer,
               ClientPlan plan)
    : world_(world), index_(index), signer_(signer), plan_(plan), rng_(world.rng().fork()) {}

void Client::add_commands(std::uint32_t count) {
  plan_.commands += count;
  submit_more();
}

void Client::submit_more() {
  if (waits_ || next_number_ > plan_.commands || requests_.size() >= plan_.in_flight_max) return;
  waits_ = true;
  world_.events().after(rng_.between(Duration{1}, plan_.think_max), [this] {
    waits_ = false;
    submit_one();
    submit_more();
  });
}

Client::Command Client::make_command(std::uint64_t number) {
  Command command;
  command.increment = rng_.chance(500);
  if (command.increment) {
    command.key = to_bytes(Checker::kCounterKey);
  } else {
    command.key = to_bytes("put " + std::to_string(index_) + "/" + std::to_string(number));
    command.value = to_bytes("value " + std::to_string(rng_.next()));
    command.value.resize(command.value.size() + plan_.padding, 'x');
  }
  world_.checker().on_submitted(command.increment);
  return command;
}

void Client::submit_one() {
  if (next_number_ > plan_.commands || requests_.size() >= plan_.in_flight_max) return;
  const std::uint64_t first = next_number_;
  // The window is counted from the lowest number that may not be executed.
  const std::uint64_t lowest = waiting_.empty() ? first : waiting_.begin()->first;
  const std::uint64_t count = std::min<std::uint64_t>(rng_.between(1, plan_.batch_max),
                                                      plan_.commands - first + 1);
  if (first + count - lowest > 256) return;
  std::vector<Bytes> commands;
  for (std::uint64_t number = first; number < first + count; ++number) {
    const Command command = make_command(number);
    if (command.increment) {
      commands.push_back(app::encode(app::KvIncrement{command.key, 1}));
    } else {
      commands.push_back(app::encode(app::KvPut{command.key, command.value}));
    }
    waiting_.emplace(number, Waiting{command, first, {}});
  }
  next_number_ += count;
  Request request;
  request.bytes = std::make_shared<const Bytes>(
      make_request(world_.chain().chain_id, signer_, first, commands));
  request.open = static_cast<std::uint32_t>(count);
  const std::uint64_t start = rng_.below(world_.n());
  for (std::uint64_t i = 0; i <= world_.chain().f(); ++i) {
    const ReplicaId to{static_cast<std::uint32_t>((start + i) % world_.n())};
    world_.network().send_client([this, to, bytes = request.bytes] {
      world_.replica(to).deliver_request({index_}, bytes);
    });
  }
  requests_.emplace(first, std::move(request));
  if (plan_.retry == Duration{0}) return;
  world_.events().after(plan_.retry, [this, first] { retry(first); });
}

void Client::retry(std::uint64_t first) {
  const auto found = requests_.find(first);
  if (found == requests_.end()) return;
  for (std::uint32_t id = 0; id < world_.n(); ++id) {
    world_.network().send_client([this, id, bytes = found->second.bytes] {
      world_.replica(ReplicaId{id}).deliver_request({index_}, bytes);
    });
  }
  world_.events().after(plan_.retry, [this, first] { retry(first); });
}

void Client::on_reply(ReplicaId from, const smr::ReplicaMessage& message) {
  if (const auto* committed = std::get_if<smr::Committed>(&message)) {
    on_committed(from, *committed);
  } else if (const auto* rejected = std::get_if<smr::Rejected>(&message)) {
    world_.note("rejected", rejected->first, static_cast<std::uint64_t>(rejected->reason));
    const bool open = requests_.contains(rejected->first);
    if (open && rejected->reason == Refusal::kNumberOld && world_.checker().honest(from)) {
      world_.checker().fail("client: an open number is called old");
    }
  }
}

void Client::on_committed(ReplicaId from, const smr::Committed& committed) {
  if (committed.client != signer_.public_key()) {
    world_.checker().fail("client: told of another client's commands");
  }
  for (const smr::CommandResult& result : committed.results) {
    const auto found = waiting_.find(result.number);
    if (found == waiting_.end()) continue;
    auto& told = found->second.answers[{committed.height, committed.block, result.result}];
    told.insert(from);
    if (told.size() > world_.chain().f()) on_believed(result.number, committed, result);
  }
}

void Client::on_believed(std::uint64_t number, const smr::Committed& where,
                         const smr::CommandResult& result) {
  auto node = waiting_.extract(number);
  const Waiting& waiting = node.mapped();
  Checker& checker = world_.checker();
  checker.on_acknowledged(signer_.public_key(), where, result);
  const auto decoded = app::decode_kv_result(result.result);
  if (!decoded || decoded->status != app::KvStatus::kOk) {
    checker.fail("client: a command that must succeed did not");
  } else if (waiting.command.increment) {
    checker.on_acknowledged_increment(*decoded->value);
  } else {
    checker.on_acknowledged_put(waiting.command.key, waiting.command.value);
  }
  ++acknowledged_;
  world_.note("acknowledged", index_, number);
  const auto request = requests_.find(waiting.request);
  if (--request->second.open == 0) requests_.erase(request);
  submit_more();
}

}  // namespace waggle::sim
