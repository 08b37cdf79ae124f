#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crypto/ed25519.hpp"
#include "net/client_server.hpp"
#include "net/event_loop.hpp"
#include "smr/client/options.hpp"
#include "smr/protocol/messages.hpp"

/// Replicas behind real TLS ports on loopback, without consensus: one shared log on one thread.
/// Results are "r" and the command.
namespace waggle::client::testing_support {

class LoopbackCluster {
 public:
  enum class Mood {
    kHonest,
    kSilent,
    kLiar,
    kBabbler,  ///< Answers with what is no message.
  };

  explicit LoopbackCluster(std::uint32_t n = 4);
  ~LoopbackCluster();

  /// Options of a client with a new key.
  ClientOptions options() const;
  /// The commands executed so far.
  std::vector<std::string> executed();

  void set_mood(std::uint32_t replica, Mood mood);
  void set_ordering(bool ordering);
  /// Closes the replica's port and all its connections.
  void kill(std::uint32_t replica);
  /// Opens the port again.
  void restart(std::uint32_t replica);

 private:
  struct Replica {
    std::unique_ptr<net::ClientServer> server;
    std::uint16_t port = 0;
    Mood mood = Mood::kHonest;
  };
  struct Waiting {
    std::uint32_t replica;
    net::ConnectionId connection;
    SharedBytes request;
  };
  struct Executed {
    std::uint64_t height;
    std::string command;
  };

  void on_thread(const std::function<void()>& what);
  void listen(std::uint32_t replica);
  void receive(std::uint32_t replica, net::ConnectionId from, net::Frame frame);
  void take(const Waiting& request);
  void execute(const Waiting& request);
  void reply(std::uint32_t replica, net::ConnectionId to, const smr::ReplicaMessage& message);
  std::uint64_t next_number(const ClientId& client) const;

  net::EventLoop loop_;
  std::vector<Replica> replicas_;
  std::vector<net::TlsIdentity> identities_;
  Limits limits_;
  bool ordering_ = true;
  std::uint64_t height_ = 0;
  std::map<std::pair<ClientId, std::uint64_t>, Executed> log_;
  std::vector<std::string> executed_;
  std::vector<Waiting> waiting_;
  std::thread thread_;
};

}  // namespace waggle::client::testing_support
