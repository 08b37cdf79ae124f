#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "net/client_connection.hpp"
#include "net/event_loop.hpp"
#include "smr/client/options.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::client {

/// Connections to all replicas, one each, and the thread that serves them. Every client has links
/// of its own unless ClientOptions::links says otherwise; who has many clients, each with a key,
/// lets them share some: replicas then answer them together.
///
///     options.links = std::make_shared<Links>(options.replicas);
///     for (const auto& key : keys) { options.key = key; clients.push_back(Client::open(options));
///     }
///
/// A replica has at most 1,024 messages of one connection under way and drops what is beyond, which
/// is sent again later: who has more requests in flight takes several links.
///
/// The callbacks of all these clients run on the one thread; they and their clients must not wait
/// for each other there. To be destroyed on another thread; clients keep their links alive.
class Links {
 public:
  /// Starts to connect.
  explicit Links(std::vector<ReplicaAddress> replicas);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  const std::vector<ReplicaAddress>& replicas() const noexcept { return replicas_; }
  /// Why there is no connection to the replica; empty if there is one or none was tried yet. Any
  /// thread.
  std::string error(ReplicaId replica) const;

  // For clients; what follows happens on the links' thread.

  class Listener {
   public:
    virtual ~Listener() = default;
    virtual const ClientId& id() const = 0;
    virtual void connection_up(ReplicaId replica) = 0;
    virtual void connection_down(ReplicaId replica, const std::string& why) = 0;
    /// Answers that name a client come to those with that id, others to all. Refuses what the
    /// replica must not say: the connection is closed then.
    virtual Result<void, Refusal> receive(ReplicaId from, const smr::ReplicaMessage& message) = 0;
    /// After one or several of the others: what they cause is to be done now.
    virtual void settle() = 0;
  };
  /// Tells at once which connections are up or could not be made.
  void add(Listener& listener);
  /// Not inside a call of a listener.
  void remove(Listener& listener);
  void send(ReplicaId to, const smr::ClientMessage& message);
  bool up(ReplicaId replica) const { return up_.at(replica.value); }
  /// Different for every read, whoever asks.
  std::uint64_t next_read_id() noexcept { return next_read_id_++; }
  net::EventLoop& loop() noexcept { return loop_; }
  bool on_own_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  void connect(ReplicaId replica);
  void connection_changed(ReplicaId replica, bool up, const std::string& why);
  void receive(ReplicaId from, net::Frame frame);
  void touch(Listener& listener);
  void settle();

  const std::vector<ReplicaAddress> replicas_;

  // Of the thread.
  net::EventLoop loop_;
  std::vector<bool> up_;
  std::vector<std::unique_ptr<net::ClientConnection>> connections_;
  std::multimap<ClientId, Listener*> listeners_;
  std::vector<Listener*> touched_;  ///< Not settled yet.
  std::uint64_t next_read_id_ = 1;

  mutable std::mutex mutex_;
  std::vector<std::string> errors_;  ///< Why a connection is down.

  std::thread thread_;
};

}  // namespace waggle::client
