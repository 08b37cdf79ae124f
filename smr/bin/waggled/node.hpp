#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "consensus/pbeegees/rules.hpp"
#include "crypto/caching_verifier.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/random.hpp"
#include "crypto/sha256.hpp"
#include "crypto/verify_pool.hpp"
#include "net/client_server.hpp"
#include "net/codec.hpp"
#include "net/event_loop.hpp"
#include "net/peer_transport.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/bin/waggled/disk_space.hpp"
#include "smr/bin/waggled/latency.hpp"
#include "smr/bin/waggled/round_clock.hpp"
#include "smr/bin/waggled/setup.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/host.hpp"
#include "smr/replica/median_host.hpp"
#include "smr/replica/threads/execution_thread.hpp"
#include "smr/replica/threads/intake.hpp"
#include "storage/log_writer.hpp"

namespace waggle::daemon {

/// What to do about an address on which one cannot listen.
inline constexpr const char* kIfInUse = "; choose another address or stop what uses it";

/// A snapshot for the metrics endpoint.
struct NodeMetrics {
  smr::Status status;
  smr::HostCounters host;
  std::span<const smr::Sentence> sentences;
  struct Chained {
    smr::Host::Counters host;
    chained::Core::Counters core;
  };
  std::optional<Chained> chained;
  struct Median {
    smr::MedianFacts facts;
    median::Server::Counters core;
    std::map<ReplicaId, median::Server::Timing> timing;
  };
  std::optional<Median> median;
  net::Stats peers;
  net::Stats clients;
  storage::LogWriter::Metrics writer;
  std::size_t verify_queue = 0;
  std::size_t execution_queue = 0;
  std::uint64_t dropped_inputs = 0;
  Latency::Snapshot commit_latency;
};

/// One replica as a process, of either protocol: the host and its core on the main loop's thread;
/// sockets on a network thread; decoding and signatures on a pool; RocksDB writes on the log
/// writer's thread; the state machine on its own. All come back by posting to the main loop.
class Node final : private smr::Environment {
 public:
  Node(Setup setup, OpenedStorage storage);
  ~Node() override;

  /// Recovers, listens and starts. An error is one line for the operator.
  Result<void, std::string> start();
  /// Serves until SIGTERM or SIGINT, or until the replica stops itself: then the reason.
  Result<void, std::string> run();
  /// Any thread; nothing when the main loop does not answer within a second.
  std::optional<NodeMetrics> metrics();

 private:
  // What the host asks for (smr::Environment); main thread.
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

  // One host or the other, as the genesis file says.
  Result<void, std::string> open_chained_host();
  Result<void, std::string> open_median_host();

  // What the network brings; network thread, then the pool.
  void on_peer_frame(ReplicaId from, net::Frame frame);
  void on_client_frame(net::ConnectionId from, net::Frame frame);
  using Ticket = smr::Intake::Ticket;
  void decode_peer(ReplicaId from, net::Frame frame, const Ticket& ticket);
  void decode_client(net::ConnectionId from, net::Frame frame, const Ticket& ticket);
  void on_chained(ReplicaId from, chained::Message message, const Ticket& ticket);
  void on_median(ReplicaId from, median::Message message, const Ticket& ticket);
  void on_host_message(ReplicaId from, const smr::HostMessage& message, const Ticket& ticket);
  void on_forward(ReplicaId from, const smr::Forward& forward, const Ticket& ticket);
  void submit(smr::ClientConnection from, SharedBytes request, const Ticket& ticket);
  /// A request too large to be read, of which only the beginning was kept, is answered too.
  void refuse_cut(net::ConnectionId from, const net::Frame& frame, const Ticket& ticket);
  void answer_status(smr::ClientConnection to, const Ticket& ticket);
  /// With what only this process knows. Main thread; `disk`: of the data directory.
  smr::Status describe(const DiskSpace& disk) const;
  void answer_local_read(net::ConnectionId from, const smr::LocalRead& read);
  /// What the pool refuses is counted by the transport that brought it.
  void refuse(ReplicaId from, Refusal reason);
  void refuse(net::ConnectionId from, Refusal reason);

  /// Runs on the main thread unless the replica has stopped.
  void post(std::function<void()> function);
  /// The same for what the network brings: counted until the main thread has run it.
  void post_input(Ticket ticket, std::function<void()> function);
  /// Nothing new is taken in while too much is under way: dropped and counted.
  bool has_room();
  void enqueue(smr::Intake::Job job);
  void listen();

  Setup setup_;
  const ChainConfig& chain_;
  const pbeegees::Rules rules_;
  std::unique_ptr<storage::Storage> storage_;
  const bool rejoin_;
  crypto::Sha256Hasher hasher_;
  crypto::Ed25519Verifier plain_verifier_;
  crypto::CachingVerifier verifier_{plain_verifier_};
  crypto::RememberingSigner signer_;
  crypto::SystemRng rng_;
  app::KvStore machine_;
  Latency commit_latency_;
  Digest genesis_block_;

  net::EventLoop main_loop_;
  net::EventLoop network_loop_;
  std::map<TimerId, net::Timer> timers_;
  std::unique_ptr<storage::LogWriter> writer_;
  std::optional<smr::Executor> executor_;               ///< Of the execution thread, ...
  std::optional<smr::SealedExecutor> sealed_executor_;  ///< ... or this one.
  std::unique_ptr<smr::ExecutionThread> execution_;
  std::unique_ptr<smr::ReplicaHost> host_;
  smr::Host* chained_ = nullptr;       ///< The host, if it is one.
  smr::MedianHost* median_ = nullptr;  ///< Likewise.
  std::optional<RoundClock> rounds_;
  std::unique_ptr<crypto::VerifyPool> pool_;
  std::unique_ptr<smr::Intake> from_peers_;
  std::unique_ptr<smr::Intake> from_clients_;
  std::unique_ptr<net::PeerTransport> peers_;
  std::unique_ptr<net::ClientServer> clients_;
  std::thread network_thread_;

  std::atomic<std::uint64_t> dropped_inputs_{0};
  std::atomic<std::size_t> posted_{0};  ///< Posts that the main thread has not run yet.
  bool stopped_ = false;                ///< Main thread only.
  std::optional<std::string> failure_;
};

}  // namespace waggle::daemon
