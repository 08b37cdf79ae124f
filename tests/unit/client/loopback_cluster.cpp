#include "tests/unit/client/loopback_cluster.hpp"

#include <future>

#include "consensus/core/request.hpp"
#include "net/codec.hpp"

namespace waggle::client::testing_support {

LoopbackCluster::LoopbackCluster(std::uint32_t n) : replicas_(n) {
  for (std::uint32_t i = 0; i < n; ++i) {
    identities_.push_back(
        *net::TlsIdentity::from_seed(Bytes(32, static_cast<std::uint8_t>(i + 1))));
    listen(i);
  }
  thread_ = std::thread([this] { loop_.run(); });
}

LoopbackCluster::~LoopbackCluster() {
  loop_.stop();
  thread_.join();
}

ClientOptions LoopbackCluster::options() const {
  ClientOptions options;
  options.chain_id.bytes[0] = 7;
  options.key = std::make_shared<crypto::Ed25519Signer>(crypto::KeyPair::generate());
  options.key_is_new = true;
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    options.replicas.push_back({{"127.0.0.1", replicas_[i].port}, identities_[i].public_key()});
  }
  return options;
}

std::vector<std::string> LoopbackCluster::executed() {
  std::vector<std::string> copy;
  on_thread([&] { copy = executed_; });
  return copy;
}

void LoopbackCluster::set_mood(std::uint32_t replica, Mood mood) {
  on_thread([&] { replicas_[replica].mood = mood; });
}

void LoopbackCluster::set_ordering(bool ordering) {
  on_thread([&] {
    ordering_ = ordering;
    const auto waiting = std::exchange(waiting_, {});
    for (const Waiting& request : waiting) take(request);
  });
}

void LoopbackCluster::kill(std::uint32_t replica) {
  on_thread([&] {
    std::erase_if(waiting_, [&](const Waiting& request) { return request.replica == replica; });
    replicas_[replica].server.reset();
  });
}

void LoopbackCluster::restart(std::uint32_t replica) {
  on_thread([&] { listen(replica); });
}

void LoopbackCluster::on_thread(const std::function<void()>& what) {
  std::promise<void> done;
  loop_.post([&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

void LoopbackCluster::listen(std::uint32_t replica) {
  Replica& self = replicas_[replica];
  net::ClientServerCallbacks callbacks;
  callbacks.on_frame = [this, replica](net::ConnectionId from, net::Frame frame) {
    receive(replica, from, std::move(frame));
  };
  callbacks.on_closed = [](net::ConnectionId) {};
  callbacks.on_refused = [](Refusal) {};
  const net::ClientServerConfig config{.listen = {"127.0.0.1", self.port}, .limits = {}};
  self.server = std::make_unique<net::ClientServer>(loop_, identities_[replica], config,
                                                    std::move(callbacks));
  const auto started = self.server->start();
  ASSERT_TRUE(started) << started.error();
  self.port = self.server->port();
}

void LoopbackCluster::receive(std::uint32_t replica, net::ConnectionId from, net::Frame frame) {
  auto message = net::decode_client(std::move(frame), limits_);
  ASSERT_TRUE(message);
  if (replicas_[replica].mood == Mood::kSilent) return;
  if (replicas_[replica].mood == Mood::kBabbler) {
    const net::Frame babble{.header = Bytes(40, 0xee), .segments = {}};
    return replicas_[replica].server->send(from, net::share(babble));
  }
  const bool lies = replicas_[replica].mood == Mood::kLiar;
  if (const auto* submit = std::get_if<smr::Submit>(&*message)) {
    take({replica, from, submit->request});
  } else if (const auto* query = std::get_if<smr::SessionQuery>(&*message)) {
    reply(replica, from,
          smr::SessionInfo{query->client, lies ? 12345 : next_number(query->client)});
  } else if (const auto* read = std::get_if<smr::LocalRead>(&*message)) {
    reply(replica, from, smr::LocalReadResult{read->id, Height{height_}, read->query});
  } else {
    smr::Status status;
    status.replica = ReplicaId{lies ? 99 : replica};
    status.committed = Height{height_};
    status.phase = "active";
    reply(replica, from, status);
  }
}

void LoopbackCluster::take(const Waiting& waiting) {
  const auto request = parse_request(*waiting.request, limits_);
  ASSERT_TRUE(request);
  if (replicas_[waiting.replica].mood == Mood::kLiar) {
    smr::Committed lie{request->client, View{9}, Height{9}, {}, {}};
    for (std::uint64_t i = request->first; i <= request->last(); ++i) {
      lie.results.push_back({i, to_bytes("lie")});
    }
    return reply(waiting.replica, waiting.connection, lie);
  }
  if (!ordering_) return waiting_.push_back(waiting);
  execute(waiting);
  smr::Committed answer{request->client, View{1}, Height{0}, {}, {}};
  for (std::uint64_t i = request->first; i <= request->last(); ++i) {
    const Executed& done = log_.at({request->client, i});
    answer.height = Height{done.height};
    answer.results.push_back({i, to_bytes("r" + done.command)});
  }
  reply(waiting.replica, waiting.connection, answer);
}

void LoopbackCluster::execute(const Waiting& waiting) {
  const auto request = parse_request(*waiting.request, limits_);
  bool fresh = false;
  for (const CommandRef& command : commands_of(*waiting.request)) {
    const std::string text(as_text(command.bytes));
    const auto [at, first] =
        log_.try_emplace({request->client, command.number}, Executed{height_ + 1, text});
    if (first) executed_.push_back(text);
    fresh = fresh || first;
  }
  if (fresh) ++height_;
}

void LoopbackCluster::reply(std::uint32_t replica, net::ConnectionId to,
                            const smr::ReplicaMessage& message) {
  replicas_[replica].server->send(to, net::share(net::encode_replica(message)));
}

std::uint64_t LoopbackCluster::next_number(const ClientId& client) const {
  std::uint64_t next = 1;
  while (log_.contains({client, next})) ++next;
  return next;
}

}  // namespace waggle::client::testing_support
