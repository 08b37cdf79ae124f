#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "smr/app/kv_store.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/host.hpp"
#include "storage/memory_storage.hpp"
#include "sim/adversary/byzantine.hpp"

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

/// One replica of a world: a real host on a simulated machine that can crash at any event and
/// comes back from what its disk kept.
class Replica final : public smr::Environment {
 public:
  Replica(World& world, ReplicaId id);

  ReplicaId id() const noexcept { return id_; }
  bool up() const noexcept { return host_ != nullptr; }
  /// Stopped by itself, for good.
  bool stopped() const noexcept { return stopped_; }
  const smr::Host& host() const { return *host_; }
  /// Lost its disk and has not rejoined yet: it counts as faulty (4.10).
  bool forgetful() const noexcept;
  const storage::MemoryStorage& storage() const { return *storage_; }

  /// Starts, or starts again, from what the disk holds.
  void start();
  /// Power cut: the host is gone, and of what was not synced a prefix of seeded length is kept.
  void crash();
  /// The disk is empty; the next start is a rejoin. Only while down.
  void lose_disk();

  CrashPlan crash_plan;
  std::optional<Strategy> byzantine;

  // What the world delivers.
  void deliver(ReplicaId from, const chained::Message& message);
  void deliver(ReplicaId from, const smr::HostMessage& message);
  void deliver_request(smr::ClientConnection from, const SharedBytes& bytes);
  void connected(ReplicaId peer);
  void disconnected(ReplicaId peer);

  // Environment.
  void send(ReplicaId to, const chained::Message& message) override;
  void broadcast(const chained::Message& message) override;
  void send(ReplicaId to, const smr::HostMessage& message) override;
  void reply(smr::ClientConnection to, smr::ReplicaMessage message) override;
  void set_timer(TimerId timer, Duration after) override;
  void cancel_timer(TimerId timer) override;
  void write(storage::Batch batch, std::function<void()> durable) override;
  void read(std::function<void(const storage::Storage&)> job, std::function<void()> done) override;
  void execute(smr::ExecutionJob job) override;
  void log(smr::Severity severity, std::string line) override;
  void stop(std::string reason) override;

 private:
  struct Write {
    storage::Batch batch;
    std::function<void()> durable;
  };
  /// Runs unless the replica crashed meanwhile.
  void later(Duration delay, std::function<void()> action);
  void transmit(ReplicaId to, const chained::Message& message);
  void complete_write();
  void execute_next();
  /// Nothing that the host does from now on has an effect; the crash follows.
  void die();
  bool alive() const noexcept { return host_ != nullptr && !dying_; }

  World& world_;
  const ReplicaId id_;
  Random rng_;
  std::unique_ptr<storage::MemoryStorage> storage_;
  app::KvStore machine_;

  // Of one life.
  std::uint64_t life_ = 0;
  bool dying_ = false;
  std::unique_ptr<Random> core_rng_;
  std::unique_ptr<smr::Executor> executor_;
  std::unique_ptr<smr::Host> host_;
  std::map<TimerId, std::uint64_t> timers_;  ///< The one that counts of each.
  std::uint64_t timers_set_ = 0;
  std::deque<Write> writes_;
  std::deque<smr::ExecutionJob> jobs_;
  Duration disk_free_at_{0};
  Duration executor_free_at_{0};
  std::uint32_t clock_rate_permille_ = 1000;

  bool stopped_ = false;
  bool must_rejoin_ = false;
  bool crash_before_ = true;
  std::uint32_t writes_until_crash_ = 0;
};

}  // namespace waggle::sim
