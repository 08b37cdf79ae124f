#include "smr/bin/waggled/node.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include <pthread.h>

#include "smr/bin/waggled/log.hpp"
#include "smr/replica/layout.hpp"

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
      rejoin_(storage.rejoin) {}

Node::~Node() {
  // First nothing comes in any more, then what is under way ends, then the disk is left.
  network_loop_.stop();
  if (network_thread_.joinable()) network_thread_.join();
  if (pool_) pool_->stop();
  clients_.reset();
  peers_.reset();
  if (execution_) execution_->stop();
  if (writer_) writer_->stop();
  timers_.clear();
}

Result<void, std::string> Node::start() {
  auto recovered = smr::recover(*storage_, chain_, hasher_);
  if (!recovered) {
    return Unexpected{setup_.settings.data_dir.string() + ": " + recovered.error().message};
  }
  genesis_block_ = make_genesis(chain_, hasher_)->id;
  const smr::Executed position = recovered->position;
  writer_ = std::make_unique<storage::LogWriter>(*storage_);
  execution_ = std::make_unique<smr::ExecutionThread>(
      smr::Executor(*storage_, machine_, hasher_, position),
      [this](storage::Outcome<smr::ExecutionResult> result) {
        post([this, result = std::move(result)] {
          if (!result) return stop("storage: " + result.error().message);
          commit_latency_.executed(result->position.block);
          host_->on_executed(*result);
        });
      });
  smr::Host::Setup host{.chain = chain_,
                        .rules = rules_,
                        .self = setup_.settings.replica,
                        .hasher = hasher_,
                        .signer = *setup_.signer,
                        .rng = rng_,
                        .pacemaker = setup_.settings.pacemaker,
                        .mempool = to_limits(setup_.settings.mempool),
                        .forward_after = setup_.settings.mempool.forward_after};
  host_ = std::make_unique<smr::Host>(host, static_cast<smr::Environment&>(*this),
                                      std::move(*recovered), rejoin_);
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
          " height=" + std::to_string(position.height.value) +
          " peers_port=" + std::to_string(peers_->port()) +
          " clients_port=" + std::to_string(clients_->port()) + (rejoin_ ? " rejoin=true" : ""));
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
  // Room for the largest block, and for the certificates of a whole answer with blocks.
  peers.limits.frame.payload_bytes_max = std::max<std::uint32_t>(
      peers.limits.frame.payload_bytes_max, 2 * chain_.limits.payload_bytes_max);
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
  main_loop_.post([this] { host_->start(); });
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

// From the network.

void Node::on_peer_frame(ReplicaId from, net::Frame frame) {
  if (!has_room()) return;
  const std::size_t size = frame.wire_size();
  const bool taken = from_peers_->submit(
      from.value, size, [this, from, frame = std::move(frame)](const Ticket& ticket) mutable {
        decode_peer(from, std::move(frame), ticket);
      });
  if (!taken) refuse(from, Refusal::kThrottled);
}

void Node::on_client_frame(net::ConnectionId from, net::Frame frame) {
  if (!has_room()) return;
  const std::size_t size = frame.wire_size();
  const bool taken = from_clients_->submit(
      from.value, size, [this, from, frame = std::move(frame)](const Ticket& ticket) mutable {
        decode_client(from, std::move(frame), ticket);
      });
  if (!taken) refuse(from, Refusal::kThrottled);
}

void Node::decode_peer(ReplicaId from, net::Frame frame, const Ticket& ticket) {
  auto decoded = net::decode_peer(std::move(frame), chain_, hasher_);
  if (!decoded) return refuse(from, decoded.error());
  if (auto* host_message = std::get_if<smr::HostMessage>(&*decoded)) {
    if (const auto* forward = std::get_if<smr::Forward>(host_message)) {
      return on_forward(from, *forward, ticket);
    }
    const auto report = std::get<smr::StateReport>(*host_message);
    return post_input(ticket, [this, from, report] { host_->on_report(from, report); });
  }
  auto verified = chained::validate(std::get<chained::Message>(std::move(*decoded)), from,
                                    genesis_block_, chain_, verifier_, hasher_);
  if (!verified) return refuse(from, verified.error());
  post_input(ticket, [this, message = std::move(*verified)] {
    if (const auto* proposal = std::get_if<chained::Proposal>(&message.message())) {
      commit_latency_.seen(proposal->block->id);
    }
    host_->on_message(message);
  });
}

/// An honest replica has checked all that it forwards: what follows a bad one is not looked at.
void Node::on_forward(ReplicaId from, const smr::Forward& forward, const Ticket& ticket) {
  for (const SharedBytes& bytes : forward.requests) {
    auto request = smr::check_request(bytes, chain_, verifier_);
    if (!request) return refuse(from, request.error());
    post_input(ticket,
               [this, request = std::move(*request)] { host_->on_request(std::nullopt, request); });
  }
}

void Node::decode_client(net::ConnectionId from, net::Frame frame, const Ticket& ticket) {
  if (frame.skipped > 0) return refuse_cut(from, frame, ticket);
  auto decoded = net::decode_client(std::move(frame), chain_.limits);
  if (!decoded) return refuse(from, decoded.error());
  const smr::ClientConnection connection{from.value};
  if (auto* submitted = std::get_if<smr::Submit>(&*decoded)) {
    submit(connection, std::move(submitted->request), ticket);
  } else if (const auto* query = std::get_if<smr::SessionQuery>(&*decoded)) {
    post_input(ticket,
               [this, connection, query = *query] { host_->on_session_query(connection, query); });
  } else if (const auto* read = std::get_if<smr::LocalRead>(&*decoded)) {
    answer_local_read(from, *read);
  } else if (const auto* proof = std::get_if<smr::ProofQuery>(&*decoded)) {
    post_input(ticket,
               [this, connection, query = *proof] { host_->on_proof_query(connection, query); });
  } else {
    answer_status(connection, ticket);
  }
}

void Node::answer_status(smr::ClientConnection to, const Ticket& ticket) {
  const DiskSpace disk = disk_space(setup_.settings.data_dir);
  post_input(ticket, [this, to, disk] { reply(to, describe(disk)); });
}

smr::Status Node::describe(const DiskSpace& disk) const {
  smr::Status status = host_->status();
  status.version = WAGGLE_VERSION;
  status.time_ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
  status.disk_free = disk.free;
  status.disk_size = disk.size;
  smr::Facts facts = host_->facts();
  if (disk.size > 0) facts.disk_free = disk.free;
  status.findings = smr::explain(facts);
  return status;
}

void Node::submit(smr::ClientConnection from, SharedBytes bytes, const Ticket& ticket) {
  auto request = smr::check_request(bytes, chain_, verifier_);
  if (!request) {
    return post_input(ticket, [this, from, bytes = std::move(bytes), reason = request.error()] {
      host_->on_refused_request(from, *bytes, bytes->size(), reason);
    });
  }
  post_input(ticket,
             [this, from, request = std::move(*request)] { host_->on_request(from, request); });
}

void Node::refuse_cut(net::ConnectionId from, const net::Frame& frame, const Ticket& ticket) {
  const auto cut = net::decode_cut(frame);
  if (!cut) return refuse(from, Refusal::kTooLarge);
  post_input(ticket, [this, from, cut = *cut] {
    host_->on_refused_request({from.value}, *cut.head, cut.size, Refusal::kTooLarge);
  });
}

void Node::answer_local_read(net::ConnectionId from, const smr::LocalRead& read) {
  // The position first: the state is at least as new.
  const auto stored = storage_->get(storage::Family::kMeta, as_bytes(smr::layout::kExecutedKey));
  if (!stored) {
    return post([this, why = stored.error().message] { stop("storage: " + why); });
  }
  const auto position = *stored ? smr::layout::decode_executed(**stored) : std::nullopt;
  smr::LocalReadResult result;
  result.id = read.id;
  if (position) result.height = position->height;
  result.result = smr::answer_query(*storage_, machine_, hasher_, read.query);
  clients_->send(from, net::share(net::encode_replica(result)));
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

void Node::execute(smr::ExecutionJob job) { execution_->submit(std::move(job)); }

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
    metrics.core = host_->core().counters();
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
