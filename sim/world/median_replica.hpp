#pragma once

#include "sim/world/packet.hpp"
#include "sim/world/replica.hpp"
#include "smr/replica/median_host.hpp"

namespace waggle::sim {

/// With a server of the sealed median rule. Its rounds begin by a clock of its own, which tells the
/// time of day: it differs from the others' by what ClockOptions::skew_max allows, and runs away
/// while a fault has set its pace.
class MedianReplica final : public Replica {
 public:
  MedianReplica(World& world, Address address);

  /// While it is up.
  const smr::MedianHost& host() const { return *host_; }
  bool forgetful() const override;
  Usage usage() const override;
  const smr::Executed& executed() const override { return host_->executed(); }
  View view() const override { return View{host_->server().round().value_or(0)}; }
  bool at_rest() const override;
  std::string told_state() const override;
  void set_drift(std::int64_t ppm) override;

  void deliver(Address from, const MedianPacketPtr& packet, std::uint64_t transmission);
  using Replica::deliver;

  void send(ReplicaId to, const median::Message& message) override;
  void broadcast(const median::Message& message) override;
  void execute(smr::SealedJob job, std::function<void()> done) override;
  using Replica::broadcast;
  using Replica::execute;
  using Replica::send;

 private:
  storage::Outcome<Found> recover() override;
  std::unique_ptr<smr::ReplicaHost> make_host(bool rejoin) override;
  void began() override;
  void ended() override;
  void look() override;
  void take(ReplicaId from, const smr::HostMessage& message) override;

  void transmit(ReplicaId to, const MedianPacketPtr& packet);
  void receive(const MedianPacketPtr& packet);
  void work(const smr::SealedJob& job);
  /// What its clock shows; 0 is when round 0 begins.
  Duration time_of_day() const;
  /// Begins the round that the clock shows, and looks again when the next one is due.
  void look_at_clock();

  Duration skew_;  ///< What its clock is ahead.
  std::int64_t ppm_ = 0;
  Duration ppm_since_{0};

  // Of one life.
  std::optional<smr::RecoveredMedian> recovered_;
  std::optional<smr::SealedExecutor> executor_;
  smr::MedianHost* host_ = nullptr;
  std::optional<median::Round> round_;
  median::FinalPtr final_;  ///< Noted last.
};

}  // namespace waggle::sim
