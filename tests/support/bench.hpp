#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/chained/core.hpp"
#include "consensus/pbeegees/rules.hpp"
#include "sim/base/random.hpp"
#include "tests/support/chain.hpp"

namespace waggle::testing {

/// A mempool by hand: what is pushed is offered in every payload until it is committed.
class ScriptedPayloads final : public PayloadSource {
 public:
  explicit ScriptedPayloads(const Chain& chain) : chain_(chain) {}
  void push(const std::string& command) { waiting_.push_back(chain_.request(command)); }
  void remove_committed(const Payload& payload);
  bool empty() const noexcept override { return waiting_.empty(); }
  PayloadPtr build(const std::vector<PayloadPtr>& in_flight) override;

 private:
  const Chain& chain_;
  std::vector<Bytes> waiting_;
};

/// Everything of one replica that survives a crash.
struct Disk {
  std::optional<chained::SafetyRecord> safety;
  std::map<Digest, chained::ChainedBlock> blocks;
  std::vector<chained::ChainedBlock> committed;  ///< Rising, without genesis.
};

/// A message on its way.
struct Envelope {
  std::uint32_t from;
  std::uint32_t to;
  chained::Message message;
};

/// Drives cores by hand: a test delivers messages, fires timers and crashes replicas,
/// and sees every effect. Plays the host: signs, makes durable, answers branch requests. Replicas
/// that are not started are Byzantine or dead: the test speaks for them through the Chain.
class Bench {
 public:
  using Effects = chained::Core::Effects;

  /// pBeeGees, or what is left of it without some guards.
  explicit Bench(Chain& chain, const chained::Guards& guards = {});
  Bench(Chain& chain, std::unique_ptr<const chained::Rules> rules);

  /// Starts the replica from what is on its disk (nothing at first).
  const Effects& start(std::uint32_t replica, bool rejoin = false);
  /// Forgets everything that is not on the disk. Its messages that were sent stay on their way.
  void crash(std::uint32_t replica);
  void restart(std::uint32_t replica) { crash(replica), start(replica); }
  void lose_disk(std::uint32_t replica) { crash(replica), peers_[replica].disk = Disk{}; }
  /// The crash took what was executed last and not synced: so many blocks. Only while down.
  void lose_executed(std::uint32_t replica, std::size_t blocks);

  // Inputs.
  /// Validates the message as one that came from `from`; expects it to pass.
  const Effects& deliver(std::uint32_t to, std::uint32_t from, chained::Message message);
  /// Past the stateless checks, as if they had been removed.
  const Effects& inject(std::uint32_t to, std::uint32_t from, chained::Message message);
  const Effects& propose(std::uint32_t to, const BlockPtr& block);
  const Effects& fire(std::uint32_t replica, TimerId timer);
  const Effects& connect(std::uint32_t replica, std::uint32_t peer);
  const Effects& disconnect(std::uint32_t replica, std::uint32_t peer);
  /// Puts a command into the replica's mempool and tells it.
  const Effects& submit(std::uint32_t replica, const std::string& command);

  // The network: what cores send waits here until the test lets it go.
  /// True: the message arrives. Applied when it is sent; what does not arrive is dropped.
  std::function<bool(const Envelope&)> passes = [](const Envelope&) { return true; };
  std::deque<Envelope>& network() { return network_; }
  /// Delivers in order of sending until nothing is left, or `steps` messages were delivered.
  void run(std::size_t steps = 100'000);
  /// Fires the timer that is due next on the common clock, then delivers everything. False when
  /// no timer runs. Heartbeats only if asked for.
  bool tick(bool heartbeats = false);
  Duration now() const { return now_; }

  // What to look at.
  bool running(std::uint32_t replica) const { return peers_.at(replica).core != nullptr; }
  chained::Core& core(std::uint32_t replica) { return *peers_.at(replica).core; }
  const Disk& disk(std::uint32_t replica) const { return peers_.at(replica).disk; }
  /// Blocks committed by this replica, in order, over all its lives; a restart repeats none.
  const std::vector<BlockPtr>& commits(std::uint32_t replica) const {
    return peers_.at(replica).commits;
  }
  bool has_committed(std::uint32_t replica, const BlockPtr& block) const;
  /// Two replicas committed different blocks at one height.
  bool forked() const;
  bool timer_runs(std::uint32_t replica, TimerId timer) const {
    return peers_.at(replica).timers.contains(timer);
  }
  Duration timer_after(std::uint32_t replica, TimerId timer) const {
    return peers_.at(replica).timers.at(timer).after;
  }
  const std::vector<Refusal>& refusals(std::uint32_t replica) const {
    return peers_.at(replica).refusals;
  }
  const std::string& halted(std::uint32_t replica) const { return peers_.at(replica).halted; }
  /// Sees every input and its effects (transcripts).
  std::function<void(std::uint32_t replica, const std::string& input, const Effects&)> observe;

  chained::PacemakerConfig pacemaker;
  std::uint64_t seed = 1;

 private:
  struct Timer {
    Duration due;
    Duration after;
  };
  struct Peer {
    std::unique_ptr<ScriptedPayloads> payloads;
    std::unique_ptr<sim::Random> rng;
    std::unique_ptr<chained::Core> core;
    Disk disk;
    std::map<TimerId, Timer> timers;
    std::vector<BlockPtr> commits;
    std::vector<Refusal> refusals;
    std::string halted;
    Effects last;
  };
  const Effects& step(std::uint32_t replica, const std::string& name,
                      const chained::Core::InputType& input);
  void perform(std::uint32_t replica, const Effects& effects);
  void send(std::uint32_t from, std::uint32_t to, const chained::Message& message);
  void store(Peer& peer, const chained::Record& record);
  chained::Recovered recovered(const Peer& peer, bool rejoin) const;
  chained::Branch answer(const Peer& peer, const chained::BranchRequest& request) const;

  Chain& chain_;
  std::unique_ptr<const chained::Rules> rules_;
  std::vector<Peer> peers_;
  std::deque<Envelope> network_;
  Duration now_{0};
};

/// The last message of this type among the effects, sent or broadcast; null if there is none.
template <class M>
const M* find_message(const Bench::Effects& effects) {
  const M* found = nullptr;
  for (const auto& effect : effects) {
    const chained::Message* message = nullptr;
    if (const auto* send = std::get_if<Send<chained::Message>>(&effect)) message = &send->message;
    if (const auto* all = std::get_if<Broadcast<chained::Message>>(&effect)) {
      message = &all->message;
    }
    if (message == nullptr) continue;
    if (const auto* one = std::get_if<M>(message)) found = one;
  }
  return found;
}

/// The first effect of this type; null if there is none.
template <class E>
const E* find_effect(const Bench::Effects& effects) {
  for (const auto& effect : effects) {
    if (const auto* found = std::get_if<E>(&effect)) return found;
  }
  return nullptr;
}

}  // namespace waggle::testing
