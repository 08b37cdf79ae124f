#include "smr/bin/waggled/node.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include <pthread.h>

#include "smr/bin/waggled/log.hpp"
#include "smr/replica/layout.hpp"
#include "smr/replica/median_recovery.hpp"
#include "smr/replica/sealed_layout.hpp"

namespace waggle::daemon {
namespace {

/// Messages decoded or waiting for the main thread at a time; beyond it new ones are dropped,
/// which the protocol makes good as it does a lossy network.
constexpr std::size_t kInputsMax = 20'000;
/// Committed blocks that wait for the state machine; beyond it nothing new is taken in either.
constexpr std::size_t kExecutionBacklogMax = 2'048;

std::size_t verify_threads(const config::ReplicaSettings& settings) {
  if (settings.verify_threads > 0) return settings.verify_threads;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

net::Endpoint to_endpoint(const config::Address& address) { return {address.host, address.port}; }

smr::MempoolLimits to_limits(const config::MempoolSettings& settings) {
  smr::MempoolLimits limits;
  limits.requests_max = settings.requests_max;
  limits.bytes_max = settings.bytes_max;
  limits.client_requests_max = settings.client_requests_max;
  limits.client_bytes_max = settings.client_bytes_max;
  return limits;
}

/// Counted elsewhere; who looks for the source of what is counted sets the level to debug.
void note_refused_peer(std::optional<ReplicaId> from, Refusal reason) {
  const std::string peer = from ? " peer=" + std::to_string(from->value) : "";
  log(smr::Severity::kDebug,
      "event=refused source=peers" + peer + " reason=" + std::string(to_string(reason)));
}

void note_refused_client(Refusal reason) {
  log(smr::Severity::kDebug,
      "event=refused source=clients reason=" + std::string(to_string(reason)));
}

}  // namespace

Node::Node(Setup setup, OpenedStorage storage)
    : setup_(std::move(setup)),
      chain_(*setup_.genesis.chain),
      storage_(std::move(storage.storage)),
      rejoin_(storage.rejoin),
      signer_(*setup_.signer, verifier_) {}

Node::~Node() {
  // First nothing comes in any more, then what is under way ends, then the disk is left.
  network_loop_.stop();
  if (network_thread_.joinable()) network_thread_.join();
  if (pool_) pool_->stop();
  clients_.reset();
  peers_.reset();
  if (execution_) execution_->stop();
  if (writer_) writer_->stop();
  rounds_.reset();
  timers_.clear();
}

Result<void, std::string> Node::start() {
  writer_ = std::make_unique<storage::LogWriter>(*storage_);
  auto opened = setup_.genesis.median ? open_median_host() : open_chained_host();
  if (!opened) return Unexpected{setup_.settings.data_dir.string() + ": " + opened.error()};
  execution_ = std::make_unique<smr::ExecutionThread>();
  pool_ = std::make_unique<crypto::VerifyPool>(verify_threads(setup_.settings), kInputsMax);
  listen();
  const config::ReplicaSettings& settings = setup_.settings;
  const config::ClusterMember& own = setup_.cluster.members.at(settings.replica.value);
  const auto cannot = [](const config::Origin& origin, const std::string& why) {
    return Unexpected{origin.error(why + kIfInUse).to_string()};
  };
  if (auto peers = peers_->start(); !peers) {
    return cannot(settings.peer_listen ? settings.origin("peer_listen") : own.peer_origin,
                  peers.error());
  }
  if (auto clients = clients_->start(); !clients) {
    return cannot(settings.client_listen ? settings.origin("client_listen") : own.client_origin,
                  clients.error());
  }
  log(smr::Severity::kInfo,
      "event=started chain=" + short_hex(chain_.chain_id) + " n=" + std::to_string(chain_.n()) +
          " height=" + std::to_string(host_->status().executed.value) +
          " peers_port=" + std::to_string(peers_->port()) +
          " clients_port=" + std::to_string(clients_->port()) + (rejoin_ ? " rejoin=true" : ""));
  return {};
}

Result<void, std::string> Node::open_chained_host() {
  auto recovered = smr::recover(*storage_, chain_, hasher_);
  if (!recovered) return Unexpected{recovered.error().message};
  genesis_block_ = make_genesis(chain_, hasher_)->id;
  executor_.emplace(*storage_, machine_, hasher_, recovered->position);
  smr::Host::Setup setup{.chain = chain_,
                         .rules = rules_,
                         .self = setup_.settings.replica,
                         .hasher = hasher_,
                         .signer = signer_,
                         .rng = rng_,
                         .pacemaker = setup_.settings.pacemaker,
                         .mempool = to_limits(setup_.settings.mempool),
                         .forward_after = setup_.settings.mempool.forward_after};
  auto host = std::make_unique<smr::Host>(setup, static_cast<smr::Environment&>(*this),
                                          std::move(*recovered), rejoin_);
  chained_ = host.get();
  host_ = std::move(host);
  return {};
}

Result<void, std::string> Node::open_median_host() {
  const config::MedianGenesis& genesis = *setup_.genesis.median;
  auto recovered = smr::recover_median(*storage_, hasher_, chain_.n());
  if (!recovered) return Unexpected{recovered.error().message};
  auto executor = smr::SealedExecutor::open(*storage_, machine_, hasher_);
  if (!executor) return Unexpected{executor.error().message};
  sealed_executor_.emplace(std::move(*executor));
  const smr::MedianHost::Setup setup{.chain = chain_,
                                     .parameters = genesis.parameters,
                                     .self = setup_.settings.replica,
                                     .hasher = hasher_,
                                     .signer = signer_,
                                     .verifier = verifier_,
                                     .rng = rng_,
                                     .round = std::chrono::milliseconds(genesis.round_ms),
                                     .mempool = to_limits(setup_.settings.mempool),
                                     .guards = {}};
  auto host = smr::MedianHost::open(setup, *this, std::move(*recovered), rejoin_);
  if (!host)
    return Unexpected{smr::layout::corrupt("what the core stored does not decode").message};
  rounds_.emplace(main_loop_, genesis);
  median_ = host->get();
  host_ = std::move(*host);
  return {};
}

void Node::listen() {
  const config::ClusterMember& own = setup_.cluster.members.at(setup_.settings.replica.value);
  net::PeerConfig peers;
  peers.self = own.id;
  peers.listen = to_endpoint(setup_.settings.peer_listen.value_or(own.peer_address));
  for (const config::ClusterMember& member : setup_.cluster.members) {
    peers.peers.push_back({member.id, to_endpoint(member.peer_address), member.tls_key});
  }
  // Room for the largest block, and for the certificates of a whole answer with blocks; or for all
  // that a median server may say at once.
  peers.limits.frame.payload_bytes_max = std::max<std::uint32_t>(
      peers.limits.frame.payload_bytes_max, 2 * chain_.limits.payload_bytes_max);
  if (setup_.genesis.median) peers.limits.frame.payload_bytes_max = 32 << 20;
  peers.limits.frame.header_bytes_max = 4 << 20;
  const std::size_t largest =
      peers.limits.frame.header_bytes_max + peers.limits.frame.payload_bytes_max;
  from_peers_ = std::make_unique<smr::Intake>(
      smr::Intake::Limits{.bytes_max = 2 * largest, .all_bytes_max = 2 * largest * chain_.n()},
      [this](smr::Intake::Job job) { enqueue(std::move(job)); });
  // The host counts refusals of the protocol; those of the transport are in its own stats.
  net::PeerCallbacks from_peers;
  from_peers.on_frame = [this](ReplicaId from, net::Frame frame) {
    on_peer_frame(from, std::move(frame));
  };
  from_peers.on_connected = [this](ReplicaId peer) {
    log(smr::Severity::kInfo, "event=peer_connected peer=" + std::to_string(peer.value));
    post([this, peer] { host_->on_peer_connected(peer); });
  };
  from_peers.on_disconnected = [this](ReplicaId peer) {
    log(smr::Severity::kWarning, "event=peer_disconnected peer=" + std::to_string(peer.value));
    post([this, peer] { host_->on_peer_disconnected(peer); });
  };
  from_peers.on_refused = note_refused_peer;
  peers_ = std::make_unique<net::PeerTransport>(network_loop_, *setup_.tls, std::move(peers),
                                                std::move(from_peers));
  net::ClientServerConfig clients;
  clients.listen = to_endpoint(setup_.settings.client_listen.value_or(own.client_address));
  clients.limits.frame.payload_bytes_max =
      std::max(chain_.limits.request_bytes_max, chain_.limits.command_bytes_max);
  clients.limits.frame.payload_head_bytes = kRequestHeadSize;
  from_clients_ = std::make_unique<smr::Intake>(
      smr::Intake::Limits{.bytes_max = 16 * std::size_t{clients.limits.frame.payload_bytes_max}},
      [this](smr::Intake::Job job) { enqueue(std::move(job)); });
  net::ClientServerCallbacks from_clients;
  from_clients.on_frame = [this](net::ConnectionId from, net::Frame frame) {
    on_client_frame(from, std::move(frame));
  };
  from_clients.on_closed = [this](net::ConnectionId from) {
    post([this, from] { host_->on_connection_closed({from.value}); });
  };
  from_clients.on_refused = note_refused_client;
  clients_ = std::make_unique<net::ClientServer>(network_loop_, *setup_.tls, std::move(clients),
                                                 std::move(from_clients));
}

Result<void, std::string> Node::run() {
  main_loop_.on_signal([this](int signal) {
    log(smr::Severity::kInfo, "event=stopping signal=" + std::to_string(signal));
    stopped_ = true;
    main_loop_.stop();
  });
  main_loop_.post([this] {
    host_->start();
    if (rounds_) {
      rounds_->start([this](median::Round round) {
        if (!stopped_) median_->on_round(round);
      });
    }
  });
  network_thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "network");
    network_loop_.run();
  });
  main_loop_.run();
  stopped_ = true;
  network_loop_.stop();
  network_thread_.join();
  if (failure_) return Unexpected{*failure_};
  return {};
}

void Node::post(std::function<void()> function) {
  main_loop_.post([this, function = std::move(function)] {
    if (!stopped_) function();
  });
}

void Node::post_input(Ticket ticket, std::function<void()> function) {
  ++posted_;
  main_loop_.post([this, ticket = std::move(ticket), function = std::move(function)] {
    --posted_;
    if (!stopped_) function();
  });
}

bool Node::has_room() {
  // A slow disk or state machine must not make queues grow: what comes is lost instead.
  const bool room = posted_.load(std::memory_order_relaxed) < kInputsMax && !writer_->full() &&
                    execution_->depth() < kExecutionBacklogMax;
  if (!room) ++dropped_inputs_;
  return room;
}

void Node::enqueue(smr::Intake::Job job) {
  if (!pool_->try_submit(std::move(job))) ++dropped_inputs_;
}

void Node::refuse(ReplicaId from, Refusal reason) {
  note_refused_peer(from, reason);
  peers_->refuse(from, reason);
}

void Node::refuse(net::ConnectionId from, Refusal reason) {
  note_refused_client(reason);
  clients_->refuse(from, reason);
}

// For the host.

void Node::send(ReplicaId to, const chained::Message& message) {
  peers_->send(to, net::share(net::encode_peer(message)), net::delivery_of(message));
}

void Node::broadcast(const chained::Message& message) {
  if (const auto* proposal = std::get_if<chained::Proposal>(&message)) {
    commit_latency_.seen(proposal->block->id);
  }
  peers_->broadcast(net::share(net::encode_peer(message)), net::delivery_of(message));
}

void Node::send(ReplicaId to, const median::Message& message) {
  peers_->send(to, net::share(net::encode_peer(message)), net::delivery_of(message));
}

void Node::broadcast(const median::Message& message) {
  peers_->broadcast(net::share(net::encode_peer(message)), net::delivery_of(message));
}

void Node::send(ReplicaId to, const smr::HostMessage& message) {
  peers_->send(to, net::share(net::encode_peer(message)), net::delivery_of(message));
}

void Node::reply(smr::ClientConnection to, smr::ReplicaMessage message) {
  clients_->send({to.value}, net::share(net::encode_replica(message)));
}

void Node::set_timer(TimerId timer, Duration after) {
  auto found = timers_.find(timer);
  if (found == timers_.end()) found = timers_.emplace(timer, net::Timer(main_loop_)).first;
  found->second.start(after, [this, timer] {
    if (!stopped_) host_->on_timer(timer);
  });
}

void Node::cancel_timer(TimerId timer) {
  if (const auto found = timers_.find(timer); found != timers_.end()) found->second.cancel();
}

void Node::write(storage::Batch batch, std::function<void()> durable) {
  writer_->submit(
      std::move(batch), true, [this, durable = std::move(durable)](storage::Outcome<void> written) {
        if (!written) {
          return post([this, why = written.error().message] { stop("storage: " + why); });
        }
        post(durable);
      });
}

void Node::read(std::function<void(const storage::Storage&)> job, std::function<void()> done) {
  std::function<void()> work = [this, job = std::move(job), done = std::move(done)] {
    job(*storage_);
    post(done);
  };
  if (!pool_->try_submit(std::move(work))) work();  // full: the main thread pays
}

void Node::execute(smr::ExecutionJob job) {
  execution_->submit([this, job = std::move(job)] {
    auto result = executor_->execute(job);
    const bool failed = !result;
    post([this, result = std::move(result)] {
      if (!result) return stop("storage: " + result.error().message);
      commit_latency_.executed(result->position.block);
      chained_->on_executed(*result);
    });
    return !failed;
  });
}

void Node::execute(smr::SealedJob job, std::function<void()> done) {
  execution_->submit([this, job = std::move(job), done = std::move(done)] {
    const auto result = job(*sealed_executor_);
    if (result) {
      post(done);
    } else {
      post([this, why = result.error().message] { stop("storage: " + why); });
    }
    return result.has_value();
  });
}

void Node::log(smr::Severity severity, std::string line) { daemon::log(severity, line); }

void Node::stop(std::string reason) {
  if (stopped_) return;
  stopped_ = true;
  log(smr::Severity::kError, "event=stopped reason=" + in_quotes(reason));
  failure_ = std::move(reason);
  main_loop_.stop();
}

std::optional<NodeMetrics> Node::metrics() {
  auto answer = std::make_shared<std::promise<NodeMetrics>>();
  auto future = answer->get_future();
  main_loop_.post([this, answer, disk = disk_space(setup_.settings.data_dir)] {
    NodeMetrics metrics;
    metrics.status = describe(disk);
    metrics.host = host_->counters();
    metrics.sentences = host_->sentences();
    if (chained_) metrics.chained = {chained_->counters(), chained_->core().counters()};
    if (median_) {
      const median::Server& server = median_->server();
      metrics.median = {median_->facts(), server.counters(), server.timing()};
    }
    metrics.peers = peers_->stats();
    metrics.clients = clients_->stats();
    metrics.writer = writer_->metrics();
    metrics.verify_queue = pool_->depth();
    metrics.execution_queue = execution_->depth();
    metrics.dropped_inputs = dropped_inputs_;
    metrics.commit_latency = commit_latency_.snapshot();
    answer->set_value(std::move(metrics));
  });
  if (future.wait_for(std::chrono::seconds(1)) != std::future_status::ready) return std::nullopt;
  return future.get();
}

}  // namespace waggle::daemon
