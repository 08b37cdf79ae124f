#pragma once

#include <functional>
#include <string>

#include "consensus/core/protocol_core.hpp"
#include "consensus/chained/messages.hpp"
#include "smr/median/messages.hpp"
#include "smr/protocol/host_messages.hpp"
#include "smr/protocol/messages.hpp"
#include "smr/replica/execution.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

class SealedExecutor;

/// A client's connection, as the environment numbers them.
struct ClientConnection {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(ClientConnection, ClientConnection) = default;
};

using SealedJob = std::function<storage::Outcome<void>(SealedExecutor&)>;

enum class Severity : std::uint8_t { kDebug, kInfo, kWarning, kError };

/// Everything below the replica host: network, disk, clock, execution thread. The daemon
/// implements it with sockets, RocksDB and threads, the test world and the simulator in virtual
/// time. All calls come from the host's thread and return at once; whatever takes time answers
/// later by a call of the host, on the host's thread, never from inside the call.
class Environment {
 public:
  virtual ~Environment() = default;

  /// May be lost, duplicated, delayed or reordered; arrives unchanged or not at all.
  virtual void send(ReplicaId to, const chained::Message& message) = 0;
  /// To all other replicas.
  virtual void broadcast(const chained::Message& message) = 0;
  virtual void send(ReplicaId to, const median::Message& message) = 0;
  virtual void broadcast(const median::Message& message) = 0;
  virtual void send(ReplicaId to, const HostMessage& message) = 0;
  virtual void reply(ClientConnection to, ReplicaMessage message) = 0;

  /// Calls Host::on_timer once. Setting a timer that runs starts it anew.
  virtual void set_timer(TimerId timer, Duration after) = 0;
  virtual void cancel_timer(TimerId timer) = 0;

  /// Makes the batch durable, then calls `durable`; batches in the order of the calls. When the
  /// disk fails `durable` is never called and the replica stops.
  virtual void write(storage::Batch batch, std::function<void()> durable) = 0;
  /// Runs `job` where reading may take time, then `done` on the host's thread.
  virtual void read(std::function<void(const storage::Storage&)> job,
                    std::function<void()> done) = 0;
  /// Executes a block behind those handed over before; then calls Host::on_executed.
  virtual void execute(ExecutionJob job) = 0;
  /// Of a median server: runs `job` on its executor, behind those handed over before, then `done`
  /// on the host's thread. What the job cannot do is the disk's fault, and the replica stops.
  virtual void execute(SealedJob job, std::function<void()> done) = 0;

  /// One line for the operator: an event name and key=value pairs.
  virtual void log(Severity severity, std::string line) = 0;
  /// The replica must not go on: nothing more may leave it. The host is not called again.
  virtual void stop(std::string reason) = 0;
};

}  // namespace waggle::smr
