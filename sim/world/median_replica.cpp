#include "sim/world/median_replica.hpp"

#include <algorithm>
#include <utility>

#include "sim/world/world.hpp"
#include "smr/median/record.hpp"
#include "smr/replica/median_recovery.hpp"

namespace waggle::sim {

using median::Message;

MedianReplica::MedianReplica(World& world, Address address)
    : Replica(world, address), skew_(rng_.between(Duration{0}, world.options().clock.skew_max)) {}

bool MedianReplica::forgetful() const {
  if (up()) return host_->server().rejoining();
  const auto waits = disk_.get(storage::Family::kSafety, median::rejoin_key());
  return must_rejoin_ || !waits || *waits;
}

Usage MedianReplica::usage() const {
  return {.log_entries = host_->server().log_entries(),
          .mempool_requests = host_->server().pending(),
          .unwritten = disk_.waiting(),
          .unexecuted = unexecuted()};
}

bool MedianReplica::at_rest() const {
  const median::Server& server = host_->server();
  return !server.rejoining() && server.pending() == 0 && server.log_entries() == 0 &&
         server.final()->length == executed().height.value;
}

std::string MedianReplica::told_state() const {
  const median::Server& server = host_->server();
  return "round " + std::to_string(view().value) + " final " +
         std::to_string(server.final()->length) + " executed " +
         std::to_string(executed().height.value) + " log " + std::to_string(server.log_entries()) +
         " pending " + std::to_string(server.pending()) + " replies " +
         std::to_string(server.replies()) + (server.rejoining() ? " rejoining" : "");
}

// Life.

storage::Outcome<Replica::Found> MedianReplica::recover() {
  auto recovered = smr::recover_median(disk_, world_.hasher(), world_.n());
  if (!recovered) return Unexpected{recovered.error()};
  recovered_ = std::move(*recovered);
  return Found{recovered_->position, !recovered_->rows.empty()};
}

std::unique_ptr<smr::ReplicaHost> MedianReplica::make_host(bool rejoin) {
  auto executor = smr::SealedExecutor::open(disk_, machine_, world_.hasher());
  if (!executor) return nullptr;
  executor_.emplace(std::move(*executor));
  const smr::MedianHost::Setup setup{.chain = world_.chain(),
                                     .parameters = world_.median_parameters(),
                                     .self = id_,
                                     .hasher = world_.hasher(),
                                     .signer = world_.signer(id_),
                                     .verifier = world_.verifier(),
                                     .rng = core_rng(),
                                     .round = world_.round_length(),
                                     .guards = world_.options().median.guards};
  auto host = smr::MedianHost::open(setup, *this, *std::exchange(recovered_, {}), rejoin);
  if (!host) return nullptr;
  host_ = host->get();
  return std::move(*host);
}

void MedianReplica::began() {
  round_.reset();
  final_ = host_->server().final();
  run([this] { look_at_clock(); });
}

void MedianReplica::ended() {
  host_ = nullptr;
  executor_.reset();
}

void MedianReplica::look() {
  if (host_ == nullptr || host_->server().final() == final_) return;
  final_ = host_->server().final();
  world_.note({.kind = EventKind::kCommit,
               .replica = address_.value,
               .view = View{final_->window()},
               .height = Height{final_->length},
               .block = &final_->chain});
  world_.judge().on_final(id_, *final_);
}

// Clock.

void MedianReplica::set_drift(std::int64_t ppm) {
  Replica::set_drift(ppm);
  ppm_ = ppm;  // of a clock that is right again its time is, too
  ppm_since_ = world_.events().now();
}

Duration MedianReplica::time_of_day() const {
  const Duration now = world_.events().now();
  return now + skew_ - (now - ppm_since_) * ppm_ / 1'000'000;
}

void MedianReplica::look_at_clock() {
  const Duration length = world_.round_length();
  const Duration time = time_of_day();
  std::optional<median::Round> round;
  if (time >= Duration{0}) round = static_cast<median::Round>(time / length);
  const Duration next = round ? length * static_cast<std::int64_t>(*round + 1) : Duration{0};
  // Somebody may set it, so it is looked at now and then in any case.
  const Duration wait = std::clamp(next - time, Duration{1}, Duration(std::chrono::seconds(1)));
  later(Clock(ppm_).real(wait), [this] { look_at_clock(); });
  if (!round || (round_ && *round <= *round_)) return;
  round_ = round;
  world_.note(
      {.kind = EventKind::kView, .replica = address_.value, .name = "round", .view = View{*round}});
  host_->on_round(*round);
  world_.on_view(id_, View{*round});
}

// Execution.

void MedianReplica::execute(smr::SealedJob job, std::function<void()> done) {
  if (!alive()) return;
  enqueue([this, job = std::move(job), done = std::move(done)]() mutable {
    work(job);
    if (alive()) later(Duration{10}, std::move(done));
  });
}

/// The job says nothing of what it does: what the executor's position passed was executed.
void MedianReplica::work(const smr::SealedJob& job) {
  const std::uint64_t before = executor_->position().height.value;
  if (const auto worked = job(*executor_); !worked) {
    return stop("execution: " + worked.error().message);
  }
  const smr::Executed& after = executor_->position();
  if (after.height.value == before) return;
  world_.note({.kind = EventKind::kExecute,
               .replica = address_.value,
               .height = after.height,
               .block = &after.digest});
  std::vector<median::Sealed> entries = host_->server().sealed_from(before);
  const std::uint64_t count = after.height.value - before;
  if (entries.size() < count || entries.front().position != before) {
    world_.judge().on_installed(id_, after);
    return;
  }
  entries.resize(count);
  world_.judge().on_sealed(id_, entries, after);
}

// Network.

void MedianReplica::deliver(Address from, const MedianPacketPtr& packet,
                            std::uint64_t transmission) {
  arrive(from, transmission, [this, packet] { receive(packet); });
}

void MedianReplica::receive(const MedianPacketPtr& packet) {
  const auto& verdict = packet->verdict([this](const Message& message, ReplicaId from) {
    return median::validate(message, from, world_.chain(), world_.verifier(), world_.hasher());
  });
  if (verdict) return host_->on_message(*verdict);
  world_.fail("refusal", told(id_) + " refuses " + told(world_.events().now()) + " a " +
                             std::string(kind_of(packet->message())) + " of " +
                             told(packet->from()) + ": " + std::string(to_string(verdict.error())));
}

void MedianReplica::take(ReplicaId from, const smr::HostMessage& message) {
  if (const auto* request = std::get_if<smr::StateRequest>(&message)) {
    host_->on_state_request(from, *request);
  } else if (const auto* chunk = std::get_if<smr::StateChunk>(&message)) {
    host_->on_state_chunk(from, *chunk);
  } else {
    Replica::take(from, message);
  }
}

void MedianReplica::send(ReplicaId to, const Message& message) {
  if (!alive()) return;
  world_.judge().on_said(id_, message);
  transmit(to, std::make_shared<MedianPacket>(id_, message));
}

void MedianReplica::broadcast(const Message& message) {
  if (!alive()) return;
  world_.judge().on_said(id_, message);
  if (const auto* pre = std::get_if<median::PreHead>(&message)) {
    world_.note({.kind = EventKind::kVote,
                 .replica = address_.value,
                 .name = "pre",
                 .view = View{pre->window},
                 .height = Height{pre->length}});
  } else if (const auto* commit = std::get_if<median::Commit>(&message)) {
    world_.note({.kind = EventKind::kVote,
                 .replica = address_.value,
                 .name = "commit",
                 .view = View{commit->window},
                 .height = Height{commit->length},
                 .block = &commit->root});
  }
  const auto packet = std::make_shared<MedianPacket>(id_, message);
  for (std::uint32_t to = 0; to < world_.n(); ++to) transmit(ReplicaId{to}, packet);
}

void MedianReplica::transmit(ReplicaId to, const MedianPacketPtr& packet) {
  if (to == id_) return;
  Wire wire = wire_of(address_, to, packet->message(), packet->bytes());
  wire.sent_in = view();
  world_.network().send(wire, [this, to, packet](std::uint64_t number) {
    world_.median(to).deliver(address_, packet, number);
  });
}

}  // namespace waggle::sim
