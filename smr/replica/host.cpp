#include "smr/replica/host.hpp"

#include <bit>
#include <utility>

#include "smr/replica/layout.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;

Host::Host(const Setup& setup, Environment& environment, RecoveredReplica recovered, bool rejoin)
    : setup_(setup),
      environment_(environment),
      sessions_(std::move(recovered.sessions)),
      mempool_(setup.mempool, setup.chain.limits, sessions_, setup.hasher, setup.buggify),
      core_({setup.chain, setup.rules, setup.pacemaker, setup.self, setup.hasher, mempool_,
             setup.rng, setup.buggify}),
      recovered_(std::move(recovered.core)),
      executed_(recovered.position),
      watch_(setup.chain),
      pulse_(setup.chain, setup.pacemaker.heartbeat),
      desk_(setup.chain.limits, environment, counters_) {
  recovered_.rejoin = rejoin;
}

void Host::start() {
  watch_.on_own(executed_.height, executed_.digest);
  environment_.set_timer(kReportTimer, Pulse::kTick);
  Effects effects;
  core_.start(std::exchange(recovered_, {}), effects);
  perform(std::move(effects));
  feed(CommandsReady{});
}

void Host::on_message(const Verified<Message>& message) {
  pulse_.heard(message.from());
  if (const auto* request = std::get_if<chained::BranchRequest>(&message.message())) {
    serve_branch(message.from(), *request);
    return;
  }
  if (const auto* proposal = std::get_if<chained::Proposal>(&message.message())) {
    mempool_.on_proposed(*proposal->block->payload);
  }
  feed(message);
}

void Host::on_peer_connected(ReplicaId peer) {
  connected_.insert(peer);
  pulse_.heard(peer);
  feed(PeerConnected{peer});
}

void Host::on_peer_disconnected(ReplicaId peer) {
  connected_.erase(peer);
  feed(PeerDisconnected{peer});
}

void Host::on_timer(TimerId timer) {
  if (stopped_) return;
  if (timer == kForwardTimer) {
    forwarding_ = false;
    forward_requests();
    arm_forwarding();
  } else if (timer == kReportTimer) {
    report_state();
    feel_pulse();
    if (!std::exchange(missed_, true)) miss_peers();
    environment_.set_timer(kReportTimer, Pulse::kTick);
  } else {
    feed(TimerFired{timer});
    if (strikes(Place::kReconnect)) reconnect();
  }
}

/// Who is not there some time after our start is as good as disconnected.
void Host::miss_peers() {
  for (std::uint32_t id = 0; id < setup_.chain.n(); ++id) {
    const ReplicaId peer{id};
    if (peer != setup_.self && !connected_.contains(peer)) feed(PeerDisconnected{peer});
  }
}

/// 4.8 happens with every new connection, and connections may break at any time.
void Host::reconnect() {
  const auto peer = static_cast<std::uint32_t>(setup_.rng.below(setup_.chain.n()));
  feed(PeerDisconnected{ReplicaId{peer}});
  feed(PeerConnected{ReplicaId{peer}});
}

void Host::feed(Core::InputType input) {
  inputs_.push_back(std::move(input));
  drain();
}

/// Steps the core with what waits, and with what comes of that, until nothing is left to do.
void Host::drain() {
  if (stepping_) return;
  stepping_ = true;
  while (!inputs_.empty() && !stopped_) {
    const Core::InputType next = std::move(inputs_.front());
    inputs_.pop_front();
    const View view_before = core_.view();
    const bool passive_before = core_.passive();
    Effects effects;
    core_.step(next, effects);
    perform(std::move(effects));
    narrate(view_before, passive_before);
  }
  stepping_ = false;
  arm_forwarding();
}

/// Rule 1 of the core's contract: nothing behind a Persist leaves before it is durable.
void Host::perform(Effects effects) {
  for (Core::EffectType& effect : effects) {
    if (auto* persist = std::get_if<Persist<chained::Record>>(&effect)) {
      const std::uint64_t barrier = queue_.raise();
      environment_.write(layout::to_batch(persist->record), [this, barrier] {
        queue_.lower(barrier);
        release();
      });
    } else if (auto* set = std::get_if<SetTimer>(&effect)) {
      environment_.set_timer(set->timer, set->after);  // leaves nothing behind
    } else if (auto* cancel = std::get_if<CancelTimer>(&effect)) {
      environment_.cancel_timer(cancel->timer);
    } else {
      queue_.pass(std::move(effect), [this](Core::EffectType& one) { perform_now(one); });
    }
    if (stopped_) return;
  }
}

void Host::release() {
  queue_.release([this](Core::EffectType& effect) { perform_now(effect); });
  drain();  // own messages that were held back
}

void Host::perform_now(Core::EffectType& effect) {
  if (auto* send = std::get_if<Send<Message>>(&effect)) {
    dispatch(send->to, chained::sign(std::move(send->message), setup_.signer, setup_.chain));
  } else if (auto* broadcast = std::get_if<Broadcast<Message>>(&effect)) {
    Message message = chained::sign(std::move(broadcast->message), setup_.signer, setup_.chain);
    if (std::holds_alternative<chained::Proposal>(message)) ++counters_.blocks_proposed;
    environment_.broadcast(message);
    dispatch(setup_.self, std::move(message));
  } else if (auto* committed = std::get_if<Commit>(&effect)) {
    commit(*committed);
  } else if (auto* refused = std::get_if<Refused>(&effect)) {
    count(refused->reason);
    environment_.log(Severity::kDebug,
                     "event=refused source=host peer=" + std::to_string(refused->from.value) +
                         " reason=" + std::string(to_string(refused->reason)));
  } else if (auto* evidence = std::get_if<Equivocation>(&effect)) {
    keep_evidence(*evidence);
  } else if (auto* halt = std::get_if<Halt>(&effect)) {
    halt_for_good(halt->reason);
  }
}

void Host::dispatch(ReplicaId to, Message message) {
  if (to != setup_.self) {
    environment_.send(to, message);
    return;
  }
  if (const auto* proposal = std::get_if<chained::Proposal>(&message)) {
    mempool_.on_proposed(*proposal->block->payload);
  }
  inputs_.emplace_back(
      Verified<Message>(std::move(message), setup_.self, VerificationPass::for_own_messages()));
}

void Host::commit(const Commit& commit) {
  ++counters_.blocks_committed;
  const Payload& payload = *commit.block->payload;
  const bool own = commit.block->header.proposer == setup_.self && !payload.is_empty();
  if (own) delays_since_own_ = 0;
  ExecutionJob job;
  job.block = commit.block;
  for (const RequestRef& request : payload.requests()) {
    for (std::uint32_t i = 0; i < request.count; ++i) {
      job.decisions.push_back(sessions_.admit(request.client, request.first + i));
    }
  }
  job.sessions = sessions_.take_changes();
  job.sessions_digest = sessions_.digest();
  mempool_.on_committed(payload);
  environment_.execute(std::move(job));
}

void Host::on_executed(const ExecutionResult& result) {
  executed_ = result.position;
  watch_.on_own(executed_.height, executed_.digest);
  for (const Committed& answer : result.answers) {
    if (strikes(Place::kRoutesForgotten)) desk_.routes().forget(answer.client);
    for (const ClientConnection to : desk_.routes().of(answer.client)) reply_committed(to, answer);
  }
  if (watch_.diverged()) {
    stop("state: more than f replicas have another state than ours at an equal height");
  }
}

void Host::on_report(ReplicaId from, const StateReport& report) {
  const std::size_t before = watch_.differing().size();
  watch_.on_report(from, report.height, report.digest);
  pulse_.reported(from, report.height);
  counters_.state_mismatches = watch_.differing().size();
  if (watch_.differing().size() > before) {
    environment_.log(Severity::kError, "event=state_mismatch peer=" + std::to_string(from.value) +
                                           " height=" + std::to_string(report.height.value));
  }
  if (watch_.diverged()) {
    stop("state: more than f replicas have another state than ours at an equal height");
  }
}

void Host::report_state() {
  if (executed_.height == reported_) return;
  reported_ = executed_.height;
  const StateReport report{executed_.height, executed_.digest};
  for (std::uint32_t id = 0; id < setup_.chain.n(); ++id) {
    if (ReplicaId{id} != setup_.self) environment_.send(ReplicaId{id}, report);
  }
}

void Host::keep_evidence(const Equivocation& evidence) {
  storage::Batch batch;
  batch.put(Family::kEvidence, storage::big_endian_key(evidence.first.view.value),
            layout::encode(evidence));
  environment_.write(std::move(batch), [] {});
  environment_.log(Severity::kWarning,
                   "event=equivocation view=" + std::to_string(evidence.first.view.value) +
                       " leader=" + std::to_string(evidence.first.proposer.value));
}

/// Tells the operator what is worth knowing of a step, and not more often than that.
void Host::narrate(View view_before, bool passive_before) {
  if (passive_before && !core_.passive()) {
    environment_.log(Severity::kInfo,
                     "event=rejoined bound=" + std::to_string(core_.record().rejoin_bound.value));
  }
  const bool by_certificate = std::holds_alternative<QcPtr>(core_.record().entry.proof);
  if (core_.view() == view_before || by_certificate) return;
  const View failed = core_.view().previous();
  const ReplicaId leader = setup_.chain.leader(failed);
  // A leader that is down fails every time: 1st, 2nd, 4th, 8th ...
  const std::uint64_t failures = ++failed_views_[leader];
  if (!std::has_single_bit(failures)) return;
  environment_.log(Severity::kWarning, "event=view_failed view=" + std::to_string(failed.value) +
                                           " leader=" + std::to_string(leader.value) +
                                           " failures=" + std::to_string(failures));
}

/// 5.3: stops, and leaves a mark that keeps the replica from starting again on this directory.
void Host::halt_for_good(const std::string& reason) {
  stopped_ = true;
  queue_.clear();
  inputs_.clear();
  storage::Batch batch;
  batch.put(Family::kEvidence, to_bytes(layout::kHaltedKey), to_bytes(reason));
  environment_.write(std::move(batch), [this, reason] { environment_.stop("safety: " + reason); });
}

void Host::stop(std::string reason) {
  if (std::exchange(stopped_, true)) return;
  queue_.clear();
  inputs_.clear();
  environment_.stop(std::move(reason));
}

}  // namespace waggle::smr
