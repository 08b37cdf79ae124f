#include "tests/unit/certificate/chain_world.hpp"

#include "consensus/core/ensure.hpp"
#include "consensus/core/request.hpp"

namespace waggle::testing {

using certificate::Certificate;
using certificate::ServerChains;

ChainWorld::ChainWorld(std::size_t clients, const Hasher& hasher, certificate::ChainGuards guards)
    : hasher_(hasher), servers_{ServerChains(guards)} {
  for (std::size_t i = 0; i < clients; ++i) {
    clients_.push_back({certificate::ClientChains(id(i)), {}, {}, 0, 0, 0});
  }
}

ClientId ChainWorld::id(std::size_t client) {
  ClientId result;
  result.bytes[0] = static_cast<std::uint8_t>(client + 1);
  result.bytes[1] = static_cast<std::uint8_t>((client + 1) >> 8);
  return result;
}

Bytes ChainWorld::command(std::size_t client, std::uint64_t number) {
  return Writer().u64(client).u64(number).take();
}

Digest ChainWorld::leaf(std::size_t client, std::uint64_t number) const {
  return command_leaf(id(client), number, command(client, number), hasher_);
}

void ChainWorld::append(std::size_t client, std::uint64_t number, bool null) {
  ServerChains next = newest();
  next.append(id(client), number, null ? std::nullopt : std::optional(leaf(client, number)),
              hasher_);
  servers_.push_back(std::move(next));
}

void ChainWorld::commit(std::size_t client, bool null) {
  Client& one = clients_[client];
  if (one.committed != one.told) return;
  append(client, ++one.committed, null);
  if (null) one.told = one.committed;  // it learns that its command was rejected
}

void ChainWorld::repeat(std::size_t client) {
  if (clients_[client].committed > 0) append(client, clients_[client].committed, false);
}

void ChainWorld::acknowledge(std::size_t client, bool restart) {
  Client& one = clients_[client];
  if (one.committed == one.told) return;
  const auto answer = newest().acknowledgement(id(client));
  ENSURE(answer && answer->newest.number == one.committed);
  auto record = one.chains.acknowledge(*answer, leaf(client, one.committed), hasher_);
  ENSURE(record, "the client takes what the server says");
  one.records.push_back(std::move(*record));
  one.told = one.committed;
  one.length = answer->newest.position + 1;
  one.acknowledged.push_back(one.committed);
  if (!restart) return;
  one.chains = certificate::ClientChains(id(client));
  for (const Bytes& stored : one.records) ENSURE(one.chains.restore(stored, hasher_));
}

Certificate ChainWorld::certificate(std::size_t client, std::uint64_t number,
                                    std::uint64_t count) const {
  auto result = clients_[client].chains.certificate(number, command(client, number), count);
  ENSURE(result, "the client has acknowledged that command");
  return *result;
}

Certificate ChainWorld::certificate(std::size_t client, std::uint64_t number) const {
  return certificate(client, number, newest().count());
}

std::optional<std::string> ChainWorld::complaint_anywhere() const {
  for (const ServerChains& server : servers_) {
    if (auto found = complaint_at(server)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> ChainWorld::complaint_at(const ServerChains& server) const {
  for (std::size_t client = 0; client < clients_.size(); ++client) {
    if (server.count() < clients_[client].length) continue;
    for (const std::uint64_t number : clients_[client].acknowledged) {
      if (auto found = complaint_of(client, number, server)) return found;
    }
  }
  return std::nullopt;
}

std::optional<std::string> ChainWorld::complaint_of(std::size_t client, std::uint64_t number,
                                                    const ServerChains& server) const {
  const std::string which = "command " + std::to_string(number) + " of client " +
                            std::to_string(client) + " at length " + std::to_string(server.count());
  const Certificate good = certificate(client, number, server.count());
  const auto verdict = server.verify(good, hasher_);
  if (!verdict) return which + ": " + std::string(describe(verdict.error()));
  // With what the server adds, the root alone decides.
  const Certificate whole = server.complete(good);
  const auto tree = certificate::tree_of(server.count(), good.position);
  const Digest root = certificate::fold(leaf(client, number), good.position, whole.links, hasher_);
  if (server.roots().peaks()[tree.ordinal] != root) return which + ": does not reach the root";
  std::vector<Certificate> altered(4 + good.links.size(), good);
  altered[0].client = id((client + 1) % 256);
  ++altered[1].number;
  altered[2].command.push_back(0);
  ++altered[3].position;
  for (std::size_t i = 0; i < good.links.size(); ++i) altered[4 + i].links[i].bytes[7] ^= 1;
  for (std::size_t i = 0; i < altered.size(); ++i) {
    if (server.verify(altered[i], hasher_)) return which + ": alteration " + std::to_string(i);
  }
  return std::nullopt;
}

}  // namespace waggle::testing
