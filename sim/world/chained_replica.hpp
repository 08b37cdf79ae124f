#pragma once

#include <vector>

#include "sim/adversary/adversary.hpp"
#include "sim/world/observer.hpp"
#include "sim/world/packet.hpp"
#include "sim/world/replica.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/host.hpp"

namespace waggle::sim {

/// With a core that votes on blocks; may be Byzantine.
class ChainedReplica final : public Replica {
 public:
  ChainedReplica(World& world, Address address);

  /// While it is up.
  const smr::Host& host() const { return *host_; }
  bool byzantine() const noexcept override { return !adversaries_.empty(); }
  bool forgetful() const override;
  Usage usage() const override;
  Strikes struck() const override { return buggifier_ ? buggifier_->struck() : Strikes{}; }
  const smr::Executed& executed() const override { return host_->executed(); }
  View view() const override { return host_->core().view(); }
  bool at_rest() const override { return !host_->core().busy() && !host_->core().passive(); }
  std::string told_state() const override;

  void add_adversary(std::unique_ptr<Adversary> adversary);
  void remove_adversary(const Adversary* adversary);
  void remove_adversaries() override { adversaries_.clear(); }

  void deliver(Address from, const PacketPtr& packet, std::uint64_t transmission);
  using Replica::deliver;

  void send(ReplicaId to, const chained::Message& message) override;
  void broadcast(const chained::Message& message) override;
  void execute(smr::ExecutionJob job) override;
  using Replica::broadcast;
  using Replica::execute;
  using Replica::send;

 private:
  void prepare() override;
  storage::Outcome<Found> recover() override;
  std::unique_ptr<smr::ReplicaHost> make_host(bool rejoin) override;
  void began() override { observer_.reset(address_, host_->core()); }
  void ended() override;
  void look() override;

  void transmit(ReplicaId to, const PacketPtr& packet);
  void tamper_and_transmit(ReplicaId to, const chained::Message& message);
  void say(Outgoing one, const Block* meant);
  void receive(const PacketPtr& packet);

  std::optional<Buggifier> buggifier_;
  std::vector<std::unique_ptr<Adversary>> adversaries_;
  Digest last_twin_;  ///< Noted last of the blocks that adversaries made.

  // Of one life.
  std::optional<smr::RecoveredReplica> recovered_;
  std::unique_ptr<smr::Executor> executor_;
  smr::Host* host_ = nullptr;
  Observer observer_;
};

}  // namespace waggle::sim
