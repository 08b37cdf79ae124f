#include "smr/replica/median_host.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;

Result<std::unique_ptr<MedianHost>, Refusal> MedianHost::open(const Setup& setup,
                                                              Environment& environment,
                                                              RecoveredMedian recovered,
                                                              bool rejoin) {
  const median::Server::Setup core{.self = setup.self,
                                   .parameters = setup.parameters,
                                   .hasher = setup.hasher,
                                   .rng = setup.rng,
                                   .limits = setup.chain.limits,
                                   .clients_max = setup.chain.sessions_max,
                                   .guards = setup.guards};
  auto server = median::Server::open(core, recovered.rows, rejoin);
  if (!server) return Unexpected{server.error()};
  return std::unique_ptr<MedianHost>(
      new MedianHost(setup, environment, std::move(recovered), std::move(*server)));
}

MedianHost::MedianHost(const Setup& setup, Environment& environment, RecoveredMedian recovered,
                       std::unique_ptr<median::Server> server)
    : setup_(setup),
      environment_(environment),
      server_(std::move(server)),
      recovered_(std::move(recovered)),
      executed_(recovered_.position),
      handed_over_(executed_.height.value),
      watch_(setup.chain, setup.parameters.n / 2),
      pulse_(setup.chain, setup.round),
      desk_(setup.chain.limits, environment, counters_),
      admission_(setup.mempool),
      fetch_(setup.self, setup.parameters.n) {}

/// What was sealed but not executed durably is executed again; what was executed but is not yet
/// known to be final, a state that was installed, becomes so.
void MedianHost::start() {
  watch_.on_own(executed_.height, executed_.digest);
  environment_.set_timer(kTickTimer, Pulse::kTick);
  const median::FinalPtr installed = std::exchange(recovered_, {}).installed;
  if (installed && installed->length > server_->final()->length) {
    feed(median::StateInstalled{installed});
  }
  execute_sealed();
}

/// What is sealed and was not handed over yet; if these entries are not kept, the state after them
/// has to come from somebody else.
void MedianHost::execute_sealed() {
  if (handed_over_ >= server_->final()->length) return;
  auto entries = server_->sealed_from(handed_over_);
  if (entries.empty()) return fetch_state(std::nullopt);
  execute({std::move(entries), server_->final()});
}

void MedianHost::on_message(const Verified<Message>& message) {
  pulse_.heard(message.from());
  feed(message);
}

void MedianHost::on_round(median::Round round) {
  watch_round();
  feed(median::RoundBegins{round});
}

/// Whether servers keep up with their rounds decides how much clients may bring.
void MedianHost::watch_round() {
  const std::uint64_t skipped = server_->counters().rounds_skipped;
  Admission::Round round{.skipped = skipped - std::exchange(skipped_seen_, skipped), .peers = {}};
  for (const auto& [peer, now] : server_->timing()) {
    const median::Server::Timing before = std::exchange(timing_seen_[peer], now);
    const Admission::Round::Peer since{now.in_time - before.in_time, now.late - before.late};
    if (since.in_time + since.late > 0) round.peers.push_back(since);
  }
  admission_.on_round(round);
}

void MedianHost::on_peer_connected(ReplicaId peer) {
  connected_.insert(peer);
  pulse_.heard(peer);
}

void MedianHost::on_peer_disconnected(ReplicaId peer) { connected_.erase(peer); }

void MedianHost::on_timer(TimerId timer) {
  if (stopped_ || timer != kTickTimer) return;
  tick();
  environment_.set_timer(kTickTimer, Pulse::kTick);
}

void MedianHost::feed(median::Input input) {
  inputs_.push_back(std::move(input));
  drain();
}

/// Steps the core with what waits, and with what comes of that, until nothing is left to do.
void MedianHost::drain() {
  if (stepping_) return;
  stepping_ = true;
  for (admit(); !inputs_.empty() && !stopped_; admit()) {
    const median::Input next = std::move(inputs_.front());
    inputs_.pop_front();
    if (std::holds_alternative<median::ClientCommand>(next)) --admitted_;
    const median::FinalPtr before = server_->final();
    const bool rejoining = server_->rejoining();
    median::Effects effects;
    server_->step(next, effects);
    perform(std::move(effects));
    if (server_->final() != before) submit_early();
    if (rejoining && !server_->rejoining()) {
      environment_.log(Severity::kInfo, "event=rejoined");
    }
  }
  stepping_ = false;
}

/// Nothing behind a Persist leaves before it is durable.
void MedianHost::perform(median::Effects effects) {
  for (median::Effect& effect : effects) {
    if (const auto* persist = std::get_if<Persist<median::Rows>>(&effect)) {
      write(persist->record);
    } else {
      queue_.pass(std::move(effect), [this](median::Effect& one) { perform_now(one); });
    }
    if (stopped_) return;
  }
}

void MedianHost::write(const median::Rows& rows) {
  storage::Batch batch;
  for (const median::Row& row : rows) {
    if (row.value) {
      batch.put(Family::kSafety, row.key, *row.value);
    } else {
      batch.erase(Family::kSafety, row.key);
    }
  }
  const std::uint64_t barrier = queue_.raise();
  environment_.write(std::move(batch), [this, barrier] {
    queue_.lower(barrier);
    queue_.release([this](median::Effect& effect) { perform_now(effect); });
    drain();  // own messages that were held back
  });
}

void MedianHost::perform_now(median::Effect& effect) {
  if (auto* send = std::get_if<Send<Message>>(&effect)) {
    dispatch(send->to,
             median::sign(std::move(send->message), setup_.signer, setup_.chain, setup_.hasher));
  } else if (auto* broadcast = std::get_if<Broadcast<Message>>(&effect)) {
    Message message =
        median::sign(std::move(broadcast->message), setup_.signer, setup_.chain, setup_.hasher);
    environment_.broadcast(message);
    dispatch(setup_.self, std::move(message));
  } else if (auto* run = std::get_if<median::SealedRun>(&effect)) {
    execute(std::move(*run));
  } else if (const auto* conflict = std::get_if<median::FinalConflict>(&effect)) {
    environment_.log(Severity::kError,
                     "event=final_conflict window=" + std::to_string(conflict->window));
  } else if (const auto* needed = std::get_if<median::StateNeeded>(&effect)) {
    fetch_state(needed->from);
  } else if (const auto* refused = std::get_if<Refused>(&effect)) {
    desk_.count(refused->reason);
    environment_.log(Severity::kDebug,
                     "event=refused source=host peer=" + std::to_string(refused->from.value) +
                         " reason=" + std::string(to_string(refused->reason)));
  }
}

void MedianHost::dispatch(ReplicaId to, Message message) {
  if (to != setup_.self) {
    environment_.send(to, message);
    return;
  }
  inputs_.emplace_back(
      Verified<Message>(std::move(message), setup_.self, VerificationPass::for_own_messages()));
}

/// In parts, so that the results of one take no more memory than kPartEntries of the largest.
void MedianHost::execute(median::SealedRun run) {
  if (run.entries.empty() || run.entries.front().position != handed_over_) return;
  handed_over_ = run.final->length;
  const auto entries = std::span(run.entries);
  for (std::size_t from = 0; from < entries.size(); from += kPartEntries) {
    const auto part = entries.subspan(from, std::min(kPartEntries, entries.size() - from));
    execute_part(
        {{std::make_move_iterator(part.begin()), std::make_move_iterator(part.end())}, run.final});
  }
}

void MedianHost::execute_part(median::SealedRun run) {
  auto result = std::make_shared<SealedResult>();
  auto job = [result, run = std::move(run)](SealedExecutor& executor) -> storage::Outcome<void> {
    auto done = executor.execute(run);
    if (!done) return Unexpected{done.error()};
    *result = std::move(*done);
    return {};
  };
  environment_.execute(std::move(job), [this, result] { on_executed(*result); });
}

void MedianHost::on_executed(const SealedResult& result) {
  executed_ = result.position;
  for (const auto& [height, digest] : result.checkpoints) watch_.on_own(height, digest);
  if (!result.checkpoints.empty()) checkpoint_ = result.checkpoints.back();
  watch_.on_own(executed_.height, executed_.digest);
  answer(result);
  if (watch_.diverged()) stop("state: a majority has another state than ours at an equal length");
  drain();  // commands that waited for the state machine
}

void MedianHost::on_report(ReplicaId from, const StateReport& report) {
  const std::size_t before = watch_.differing().size();
  watch_.on_report(from, report.height, report.digest);
  pulse_.reported(from, report.height);
  counters_.state_mismatches = watch_.differing().size();
  if (watch_.differing().size() > before) {
    environment_.log(Severity::kError, "event=state_mismatch peer=" + std::to_string(from.value) +
                                           " height=" + std::to_string(report.height.value));
  }
  if (watch_.diverged()) stop("state: a majority has another state than ours at an equal length");
}

void MedianHost::tick() {
  offer_.tick();
  if (!installing_) ask(fetch_.tick(handed_over_));
  report_state();
  watch_clocks();
  pulse_.tick({.busy = admission_.waiting() + server_->pending() + server_->log_entries() > 0,
               .committed = Height{server_->final()->length},
               .executed = executed_.height,
               .barriers_issued = queue_.issued(),
               .barriers_durable = queue_.durable(),
               .mempool_refusals = 0});
  std::erase_if(waiting_, [this](const auto& entry) {  // what an installed state went past
    return median::number_in_lane(entry.second.whole) <= server_->final()->number(entry.first);
  });
  const median::Server::Counters& now = server_->counters();
  rounds_missed_ = now.rounds_skipped - counters_before_.rounds_skipped;
  rounds_seen_ = now.rounds - counters_before_.rounds;
  counters_before_ = now;
}

/// The last checkpoint if there is a new one, since servers under load rarely stop at equal
/// lengths; otherwise where it stands.
void MedianHost::report_state() {
  StateReport report{executed_.height, executed_.digest};
  if (checkpoint_.first != checkpoint_reported_) {
    report = {checkpoint_.first, checkpoint_.second};
    checkpoint_reported_ = checkpoint_.first;
  } else if (executed_.height == reported_) {
    return;
  } else {
    reported_ = executed_.height;
  }
  for (std::uint32_t id = 0; id < setup_.chain.n(); ++id) {
    if (ReplicaId{id} != setup_.self) environment_.send(ReplicaId{id}, report);
  }
}

/// Whose messages were of other rounds rather than of the own ones, in each of the last two
/// seconds: after a pause, here or there, what waited comes late without any clock being off.
void MedianHost::watch_clocks() {
  constexpr std::uint64_t kEnough = 4;
  std::set<ReplicaId> early;
  std::set<ReplicaId> late;
  const std::set<ReplicaId> suspects = std::exchange(suspects_, {});
  for (const auto& [peer, now] : server_->timing()) {
    const median::Server::Timing before = std::exchange(timing_before_[peer], now);
    const std::uint64_t in_time = now.in_time - before.in_time;
    const std::uint64_t too_early = now.early - before.early;
    const std::uint64_t too_late = now.late - before.late;
    const bool is_early = too_early >= kEnough && too_early > in_time + too_late;
    const bool is_late = too_late >= kEnough && too_late > in_time + too_early;
    if (is_early || is_late) suspects_.insert(peer);
    if (!suspects.contains(peer)) continue;
    if (is_early) early.insert(peer);
    if (is_late) late.insert(peer);
  }
  const auto tell = [this](const std::set<ReplicaId>& now, const std::set<ReplicaId>& before,
                           const char* when) {
    for (const ReplicaId peer : now) {
      if (before.contains(peer)) continue;
      environment_.log(Severity::kWarning, "event=clock_skew peer=" + std::to_string(peer.value) +
                                               " its_messages_come=" + when);
    }
  };
  tell(early, early_peers_, "too_early");
  tell(late, late_peers_, "too_late");
  early_peers_ = std::move(early);
  late_peers_ = std::move(late);
}

void MedianHost::stop(std::string reason) {
  if (std::exchange(stopped_, true)) return;
  queue_.clear();
  inputs_.clear();
  environment_.stop(std::move(reason));
}

}  // namespace waggle::smr
