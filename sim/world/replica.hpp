#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sim/base/action.hpp"
#include "sim/checker/property.hpp"
#include "sim/world/address.hpp"
#include "sim/world/buggifier.hpp"
#include "sim/world/clock.hpp"
#include "sim/world/disk.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/replica/replica_host.hpp"

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
/// comes back from what its disk kept. What depends on the core is in the classes derived from it.
class Replica : public smr::Environment, private Disk::User {
 public:
  Replica(World& world, Address address);

  Address address() const noexcept { return address_; }
  /// Whose host it is; of twins there are two.
  ReplicaId id() const noexcept { return id_; }
  bool up() const noexcept { return host_ != nullptr; }
  bool paused() const noexcept { return paused_; }
  /// Stopped by itself; only a new disk brings it back.
  bool stopped() const noexcept { return stopped_; }
  virtual bool byzantine() const noexcept { return false; }
  Disk& disk() noexcept { return disk_; }
  const Disk& disk() const noexcept { return disk_; }

  /// Lost its disk and has not rejoined yet: it counts as faulty (4.10, 8.7).
  virtual bool forgetful() const = 0;
  virtual Usage usage() const = 0;
  /// How often places of host and core struck.
  virtual Strikes struck() const { return {}; }
  // While it is up.
  virtual const smr::Executed& executed() const = 0;
  /// The view or round that it is in.
  virtual View view() const = 0;
  /// Has its memory, and nothing left to do.
  virtual bool at_rest() const = 0;
  /// How it stands, for people.
  virtual std::string told_state() const = 0;

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
  virtual void set_drift(std::int64_t ppm);
  /// Nothing that adversaries do has an effect any more.
  virtual void remove_adversaries() {}

  CrashPlan crash_plan;  ///< May be changed at any time.

  // What the world delivers.
  void deliver(Address from, const smr::HostMessage& message, std::uint64_t transmission);
  void deliver_request(smr::ClientConnection from, const SharedBytes& bytes);
  void connected(ReplicaId peer);
  void disconnected(ReplicaId peer);

  // Environment. Messages of cores and execution are for the class of that core.
  void send(ReplicaId to, const chained::Message& message) override;
  void broadcast(const chained::Message& message) override;
  void send(ReplicaId to, const median::Message& message) override;
  void broadcast(const median::Message& message) override;
  void execute(smr::ExecutionJob job) override;
  void execute(smr::SealedJob job, std::function<void()> done) override;
  void send(ReplicaId to, const smr::HostMessage& message) override;
  void reply(smr::ClientConnection to, smr::ReplicaMessage message) override;
  void set_timer(TimerId timer, Duration after) override;
  void cancel_timer(TimerId timer) override;
  void write(storage::Batch batch, std::function<void()> durable) override;
  void read(std::function<void(const storage::Storage&)> job, std::function<void()> done) override;
  void log(smr::Severity severity, std::string line) override;
  void stop(std::string reason) override;

 protected:
  /// What a disk holds.
  struct Found {
    smr::Executed position;
    bool remembers = false;  ///< What it promised, so that it need not rejoin.
  };
  /// Before each start.
  virtual void prepare() {}
  virtual storage::Outcome<Found> recover() = 0;
  /// A host of what recover() found last; null if that makes none.
  virtual std::unique_ptr<smr::ReplicaHost> make_host(bool rejoin) = 0;
  /// The host runs.
  virtual void began() = 0;
  /// The host is gone.
  virtual void ended() = 0;
  /// After whatever happened inside: notes what the core did.
  virtual void look() = 0;
  /// What another replica's host says.
  virtual void take(ReplicaId from, const smr::HostMessage& message);

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
  /// Later, unless the replica crashed meanwhile.
  void later(Duration delay, Action action);
  /// Notes that a transmission arrived, and takes it; or that it was dropped at the door.
  void arrive(Address from, std::uint64_t transmission, Action take);
  /// Hands a job to the executor, behind those handed over before.
  void enqueue(Action job);
  std::size_t unexecuted() const noexcept { return jobs_.size(); }
  Rng& core_rng() { return *core_rng_; }
  std::uint64_t life() const noexcept { return life_; }

  World& world_;
  const Address address_;
  const ReplicaId id_;
  Random rng_;
  Disk disk_;
  app::KvStore machine_;
  Clock clock_;

 private:
  void on_durable(std::function<void()> durable) override;
  void on_disk_error(const storage::StorageError& error) override;
  /// Nothing that the host does from now on has an effect; the crash follows.
  void die();

  /// What a paused process is not sent any more: its sockets are full.
  static constexpr std::size_t kBacklogMax = 20'000;

  // Of one life.
  std::uint64_t life_ = 0;
  bool dying_ = false;
  std::unique_ptr<Random> core_rng_;
  std::unique_ptr<smr::ReplicaHost> host_;
  std::map<TimerId, std::uint64_t> timers_;  ///< The one that counts of each.
  std::uint64_t timers_set_ = 0;
  std::deque<Action> jobs_;
  Duration executor_free_at_{0};
  bool paused_ = false;
  std::deque<Action> backlog_;

 protected:
  bool must_rejoin_ = false;

 private:
  bool stopped_ = false;
  bool crash_before_ = true;
  std::uint32_t writes_until_crash_ = 0;
};

/// For the world's core.
std::unique_ptr<Replica> make_replica(World& world, Address address);

}  // namespace waggle::sim
