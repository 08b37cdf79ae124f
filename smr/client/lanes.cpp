#include "smr/client/lanes.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "consensus/core/request.hpp"

namespace waggle::client {
namespace {

/// Puts the outcomes of single commands together again.
struct Gathering {
  std::vector<Outcome> outcomes;
  std::size_t missing;
  Done done;
};

RequestSize size_of_request(std::span<const Bytes> commands) {
  RequestSize size{kRequestHeadSize + Signature::kSize, commands.size(), 0};
  for (const Bytes& command : commands) {
    size.bytes += sizeof(std::uint32_t) + command.size();
    size.largest_command = std::max<std::uint64_t>(size.largest_command, command.size());
  }
  return size;
}

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Lanes::Lanes(const ClientOptions& options, const Signer& key, Stores stores, Rng& rng)
    : options_(options),
      key_(key),
      stores_(stores),
      rng_(rng),
      capability_(capability_of(options)),
      links_(options.replicas.size()) {
  open_lane(Duration{0});
}

Engine& Lanes::open_lane(Duration now) {
  const auto lane = static_cast<std::uint16_t>(engines_.size());
  engines_.push_back(std::make_unique<Engine>(options_, key_, stores_, rng_, latency_, lane));
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    const Link& link = links_[i];
    if (link.up)
      engines_.back()->connection_up(ReplicaId{i}, now);
    else
      engines_.back()->connection_down(ReplicaId{i}, link.down_why, now);
  }
  return *engines_.back();
}

Engine& Lanes::choose(Duration now) {
  const auto load = [](const auto& engine) {
    return engine->queued_commands() + engine->requests_in_flight();
  };
  const auto least =
      std::min_element(engines_.begin(), engines_.end(),
                       [&](const auto& a, const auto& b) { return load(a) < load(b); });
  if (load(*least) == 0 || engines_.size() >= capability_.lanes_max) return **least;
  return open_lane(now);
}

Engine& Lanes::touch(Engine& engine) {
  touched_.push_back(&engine);
  return engine;
}

Engine* Lanes::lane_of(std::uint64_t number) {
  const std::size_t lane = capability_.lanes_max == 1 ? 0 : median::lane_of(number);
  return lane < engines_.size() ? engines_[lane].get() : nullptr;
}

std::size_t Lanes::group_max() const noexcept {
  const auto request_max = std::min(capability_.window, capability_.commands_max);
  return capability_.one_by_one() ? kWindow : request_max;
}

std::string Lanes::what_exceeds(const std::vector<Bytes>& commands) const {
  if (commands.size() > group_max()) {
    return fmt::format("{} commands in a group, and {} is the most", commands.size(), group_max());
  }
  if (!capability_.one_by_one()) return excess(size_of_request(commands), options_.limits);
  for (const Bytes& command : commands) {  // Each in a request of its own.
    const std::string what = excess(size_of_request({&command, 1}), options_.limits);
    if (!what.empty()) return what;
  }
  return "";
}

void Lanes::submit(Group group, Duration now) {
  Engine& engine = touch(choose(now));
  if (group.commands.size() <= engine.group_max()) return engine.submit(std::move(group), now);
  ENSURE(group.commands.size() <= group_max());
  const std::size_t count = group.commands.size();
  const auto gathering = std::make_shared<Gathering>(
      Gathering{std::vector<Outcome>(count), count, std::move(group.done)});
  for (std::size_t i = 0; i < count; ++i) {
    const Done one = [gathering, i](std::vector<Outcome> outcome) {
      gathering->outcomes[i] = std::move(outcome.front());
      if (--gathering->missing == 0) gathering->done(std::move(gathering->outcomes));
    };
    engine.submit({{std::move(group.commands[i])}, group.deadline, one}, now);
  }
}

void Lanes::resume(std::uint64_t number, Duration deadline, Done done, Duration now) {
  Engine* engine = lane_of(number);
  if (engine == nullptr) engine = engines_.front().get();  // Which never used it, and says so.
  touch(*engine).resume(number, deadline, std::move(done), now);
}

void Lanes::connection_up(ReplicaId replica, Duration now) {
  links_.at(replica.value) = {true, ""};
  for (const auto& engine : engines_) touch(*engine).connection_up(replica, now);
}

void Lanes::connection_down(ReplicaId replica, const std::string& why, Duration now) {
  links_.at(replica.value) = {false, why};
  for (const auto& engine : engines_) touch(*engine).connection_down(replica, why, now);
}

void Lanes::receive(ReplicaId from, const smr::ReplicaMessage& message, Duration now) {
  Engine* engine = nullptr;
  if (const auto* committed = std::get_if<smr::Committed>(&message)) {
    // All of one block; where there are lanes, of one command.
    if (!committed->results.empty()) engine = lane_of(committed->results.front().number);
  } else if (const auto* rejected = std::get_if<smr::Rejected>(&message)) {
    engine = lane_of(rejected->first);
  } else if (const auto* session = std::get_if<smr::SessionInfo>(&message)) {
    if (session->lane < engines_.size()) engine = engines_[session->lane].get();
  }
  if (engine != nullptr) touch(*engine).receive(from, message, now);
}

void Lanes::tick(Duration now) {
  for (const auto& engine : engines_) touch(*engine).tick(now);
}

std::optional<Duration> Lanes::next_tick(Duration now) const {
  // All that are busy want the same.
  for (const auto& engine : engines_) {
    if (const auto next = engine->next_tick(now)) return next;
  }
  return std::nullopt;
}

void Lanes::close() {
  for (const auto& engine : engines_) touch(*engine).close();
}

void Lanes::store_failed(const std::string& why, Duration now) {
  for (const auto& engine : engines_) touch(*engine).store_failed(why, now);
}

std::vector<Sending> Lanes::take_sendings() {
  std::vector<Sending> all;
  for (Engine* engine : touched_) append(all, engine->take_sendings());
  return all;
}

std::vector<Completion> Lanes::take_completions() {
  std::vector<Completion> all;
  for (Engine* engine : touched_) append(all, engine->take_completions());
  touched_.clear();
  return all;
}

std::size_t Lanes::queued_commands() const {
  std::size_t sum = 0;
  for (const auto& engine : engines_) sum += engine->queued_commands();
  return sum;
}

std::size_t Lanes::requests_in_flight() const {
  std::size_t sum = 0;
  for (const auto& engine : engines_) sum += engine->requests_in_flight();
  return sum;
}

}  // namespace waggle::client
