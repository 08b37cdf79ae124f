#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "smr/certificate/client_chains.hpp"
#include "smr/certificate/server_chains.hpp"

namespace waggle::testing {

/// Clients and one committed sequence, with a server for each of its lengths so far: those that
/// lag as well as the newest. A client has one command in flight.
class ChainWorld {
 public:
  ChainWorld(std::size_t clients, const Hasher& hasher, certificate::ChainGuards guards = {});

  /// The client's next command is committed, or a null entry in its place; nothing if its last
  /// one is not acknowledged yet.
  void commit(std::size_t client, bool null = false);
  /// The client's last command is acknowledged by the newest server, and the client starts anew
  /// from what it stored if `restart`.
  void acknowledge(std::size_t client, bool restart = false);
  /// The client sends its last committed command again; it executes as nothing.
  void repeat(std::size_t client);

  /// What is wrong, if anything is, with the certificates of all acknowledged commands: at the
  /// newest server they verify, and altered ones do not.
  std::optional<std::string> complaint() const { return complaint_at(newest()); }
  /// The same at every server that has committed all that the client has acknowledged.
  std::optional<std::string> complaint_anywhere() const;

  static ClientId id(std::size_t client);
  static Bytes command(std::size_t client, std::uint64_t number);
  Digest leaf(std::size_t client, std::uint64_t number) const;
  const certificate::ServerChains& newest() const { return servers_.back(); }
  const std::vector<certificate::ServerChains>& servers() const { return servers_; }
  certificate::Certificate certificate(std::size_t client, std::uint64_t number,
                                       std::uint64_t count) const;
  /// The same, for the newest server.
  certificate::Certificate certificate(std::size_t client, std::uint64_t number) const;
  const std::vector<Bytes>& records(std::size_t client) const { return clients_[client].records; }
  const certificate::ClientChains& chains(std::size_t client) const {
    return clients_[client].chains;
  }

 private:
  struct Client {
    certificate::ClientChains chains;
    std::vector<Bytes> records;
    std::vector<std::uint64_t> acknowledged;  ///< Numbers.
    std::uint64_t committed = 0;              ///< The last number, null entries included.
    std::uint64_t told = 0;                   ///< The number that it got an answer for.
    std::uint64_t length = 0;                 ///< Of the sequence up to its last acknowledged one.
  };

  void append(std::size_t client, std::uint64_t number, bool null);
  std::optional<std::string> complaint_at(const certificate::ServerChains& server) const;
  std::optional<std::string> complaint_of(std::size_t client, std::uint64_t number,
                                          const certificate::ServerChains& server) const;

  const Hasher& hasher_;
  std::vector<Client> clients_;
  std::vector<certificate::ServerChains> servers_;
};

}  // namespace waggle::testing
