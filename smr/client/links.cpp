#include "smr/client/links.hpp"

#include <algorithm>
#include <utility>

#include "net/codec.hpp"

namespace waggle::client {
namespace {

/// Whom a message is for; nobody in particular if it does not say. Proofs are for whoever asked,
/// and name the client whose command they are of.
const ClientId* addressee(const smr::ReplicaMessage& message) {
  if (const auto* committed = std::get_if<smr::Committed>(&message)) return &committed->client;
  if (const auto* rejected = std::get_if<smr::Rejected>(&message)) return &rejected->client;
  if (const auto* session = std::get_if<smr::SessionInfo>(&message)) return &session->client;
  return nullptr;
}

}  // namespace

Links::Links(std::vector<ReplicaAddress> replicas)
    : replicas_(std::move(replicas)), up_(replicas_.size()), errors_(replicas_.size()) {
  for (std::uint32_t i = 0; i < replicas_.size(); ++i) connect(ReplicaId{i});
  thread_ = std::thread([this] { loop_.run(); });
}

Links::~Links() {
  loop_.stop();
  thread_.join();
  connections_.clear();
}

std::string Links::error(ReplicaId replica) const {
  const std::lock_guard lock(mutex_);
  return errors_.at(replica.value);
}

void Links::connect(ReplicaId replica) {
  const ReplicaAddress& address = replicas_[replica.value];
  net::ClientConnectionConfig config{.endpoint = address.endpoint, .tls_key = address.tls_key};
  net::ClientConnectionCallbacks callbacks{
      .on_frame = [this, replica](net::Frame frame) { receive(replica, std::move(frame)); },
      .on_up = [this, replica] { connection_changed(replica, true, ""); },
      .on_down = [this,
                  replica](const std::string& why) { connection_changed(replica, false, why); }};
  connections_.push_back(
      std::make_unique<net::ClientConnection>(loop_, config, std::move(callbacks)));
  connections_.back()->start();
}

void Links::add(Listener& listener) {
  listeners_.emplace(listener.id(), &listener);
  for (std::uint32_t i = 0; i < replicas_.size(); ++i) {
    const ReplicaId replica{i};
    if (up_[i]) {
      listener.connection_up(replica);
    } else if (const std::string why = error(replica); !why.empty()) {
      listener.connection_down(replica, why);
    }
  }
  touch(listener);
}

void Links::remove(Listener& listener) {
  std::erase_if(listeners_, [&](const auto& one) { return one.second == &listener; });
  std::erase(touched_, &listener);
}

void Links::send(ReplicaId to, const smr::ClientMessage& message) {
  connections_.at(to.value)->send(net::share(net::encode_client(message)));
}

void Links::connection_changed(ReplicaId replica, bool up, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    errors_[replica.value] = why;
  }
  up_[replica.value] = up;
  for (const auto& [id, listener] : listeners_) {
    if (up) {
      listener->connection_up(replica);
    } else {
      listener->connection_down(replica, why);
    }
    touch(*listener);
  }
}

void Links::receive(ReplicaId from, net::Frame frame) {
  net::ClientConnection& connection = *connections_[from.value];
  const auto message = net::decode_replica(std::move(frame));
  if (!message) return connection.refuse(message.error());
  const ClientId* const to = addressee(*message);
  const auto [first, last] =
      to != nullptr ? listeners_.equal_range(*to) : std::pair(listeners_.begin(), listeners_.end());
  for (auto at = first; at != last; ++at) {
    Listener& listener = *at->second;
    if (const auto taken = listener.receive(from, *message); !taken) {
      return connection.refuse(taken.error());
    }
    touch(listener);
  }
}

/// Behind all that was read together: a client answers many results at once.
void Links::touch(Listener& listener) {
  if (touched_.empty()) loop_.post([this] { settle(); });
  if (std::find(touched_.begin(), touched_.end(), &listener) == touched_.end()) {
    touched_.push_back(&listener);
  }
}

void Links::settle() {
  for (Listener* listener : std::exchange(touched_, {})) listener->settle();
}

}  // namespace waggle::client
