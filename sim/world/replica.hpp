#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/adversary/adversary.hpp"
#include "sim/checker/property.hpp"
#include "sim/world/address.hpp"
#include "sim/world/buggifier.hpp"
#include "sim/world/clock.hpp"
#include "sim/world/disk.hpp"
#include "sim/world/observer.hpp"
#include "sim/world/packet.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/host.hpp"

namespace waggle::sim {

class World;

/// When a replica is to die by itself.
struct CrashPlan {
  /// Every k-th write, counted over its life; 0: never.
  std::uint32_t every_writes = 0;
  /// Where: as the write is issued (it is lost), or as it becomes durable (nothing behind the
  /// barrier has left yet). Alternates when both are set.
  bool before = true;
  bool after = true;
  /// How long it stays away.
  Duration down = std::chrono::milliseconds(50);
};

/// How a replica goes down.
enum class Crash : std::uint8_t {
  kPower,    ///< What was not synced may be lost.
  kProcess,  ///< The machine stays up: what was written is kept.
};

/// One address of a world: a real host on a simulated machine that can crash at any event and
/// comes back from what its disk kept.
class Replica final : public smr::Environment, private Disk::User {
 public:
  Replica(World& world, Address address);

  Address address() const noexcept { return address_; }
  /// Whose host it is; of twins there are two.
  ReplicaId id() const noexcept { return id_; }
  bool up() const noexcept { return host_ != nullptr; }
  bool paused() const noexcept { return paused_; }
  /// Stopped by itself; only a new disk brings it back.
  bool stopped() const noexcept { return stopped_; }
  bool byzantine() const noexcept { return !adversaries_.empty(); }
  const smr::Host& host() const { return *host_; }
  /// Lost its disk and has not rejoined yet: it counts as faulty (4.10).
  bool forgetful() const;
  Disk& disk() noexcept { return disk_; }
  const Disk& disk() const noexcept { return disk_; }
  Usage usage() const;
  /// How often places of host and core struck.
  Strikes struck() const { return buggifier_ ? buggifier_->struck() : Strikes{}; }

  /// Starts, or starts again, from what the disk holds.
  void start();
  void crash(Crash how);
  /// The disk is empty; the next start is a rejoin. Only while down.
  void lose_disk();
  /// What made it stop is repaired, its disk is as it was: it may be started again.
  void repair();
  /// Nothing happens inside until resume(); what arrives meanwhile waits.
  void pause();
  void resume();
  /// From now on the clock runs this many millionths slow (negative: fast).
  void set_drift(std::int64_t ppm);
  void add_adversary(std::unique_ptr<Adversary> adversary);
  void remove_adversary(const Adversary* adversary);
  void remove_adversaries() { adversaries_.clear(); }

  CrashPlan crash_plan;  ///< May be changed at any time.

  // What the world delivers.
  void deliver(Address from, const PacketPtr& packet, std::uint64_t transmission);
  void deliver(Address from, const smr::HostMessage& message, std::uint64_t transmission);
  void deliver_request(smr::ClientConnection from, const SharedBytes& bytes);
  void connected(ReplicaId peer);
  void disconnected(ReplicaId peer);

  // Environment.
  void send(ReplicaId to, const chained::Message& message) override;
  void broadcast(const chained::Message& message) override;
  void send(ReplicaId to, const median::Message& message) override;
  void broadcast(const median::Message& message) override;
  void send(ReplicaId to, const smr::HostMessage& message) override;
  void reply(smr::ClientConnection to, smr::ReplicaMessage message) override;
  void set_timer(TimerId timer, Duration after) override;
  void cancel_timer(TimerId timer) override;
  void write(storage::Batch batch, std::function<void()> durable) override;
  void read(std::function<void(const storage::Storage&)> job, std::function<void()> done) override;
  void execute(smr::ExecutionJob job) override;
  void execute(smr::SealedJob job, std::function<void()> done) override;
  void log(smr::Severity severity, std::string line) override;
  void stop(std::string reason) override;

 private:
  void on_durable(std::function<void()> durable) override;
  void on_disk_error(const storage::StorageError& error) override;

  bool alive() const noexcept { return host_ != nullptr && !dying_; }
  /// Lets the process do something, now or when it is no longer paused. False: it cannot.
  template <class F>
  bool run(F&& action) {
    if (!alive()) return false;
    if (paused_) {
      if (backlog_.size() >= kBacklogMax) return false;
      backlog_.emplace_back(std::forward<F>(action));
      return true;
    }
    action();
    look();
    return true;
  }
  /// Notes what the core did.
  void look();
  /// Later, unless the replica crashed meanwhile.
  template <class F>
  void later(Duration delay, F action);
  void transmit(ReplicaId to, const PacketPtr& packet);
  void tamper_and_transmit(ReplicaId to, const chained::Message& message);
  void say(Outgoing one, const Block* meant);
  /// Notes that a transmission arrived, and takes it; or that it was dropped at the door.
  template <class Take>
  void arrive(Address from, std::uint64_t transmission, Take take);
  void receive(const PacketPtr& packet);
  void receive(ReplicaId from, const smr::HostMessage& message);
  void execute_next();
  /// Nothing that the host does from now on has an effect; the crash follows.
  void die();

  /// What a paused process is not sent any more: its sockets are full.
  static constexpr std::size_t kBacklogMax = 20'000;

  World& world_;
  const Address address_;
  const ReplicaId id_;
  Random rng_;
  Disk disk_;
  std::optional<Buggifier> buggifier_;
  app::KvStore machine_;
  std::vector<std::unique_ptr<Adversary>> adversaries_;
  Digest last_twin_;  ///< Noted last of the blocks that adversaries made.

  // Of one life.
  std::uint64_t life_ = 0;
  bool dying_ = false;
  std::unique_ptr<Random> core_rng_;
  std::unique_ptr<smr::Executor> executor_;
  std::unique_ptr<smr::Host> host_;
  Observer observer_;
  std::map<TimerId, std::uint64_t> timers_;  ///< The one that counts of each.
  std::uint64_t timers_set_ = 0;
  std::deque<smr::ExecutionJob> jobs_;
  Duration executor_free_at_{0};
  Clock clock_;
  bool paused_ = false;
  std::deque<Action> backlog_;

  bool stopped_ = false;
  bool must_rejoin_ = false;
  bool crash_before_ = true;
  std::uint32_t writes_until_crash_ = 0;
};

}  // namespace waggle::sim
