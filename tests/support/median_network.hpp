#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/crypto/symbolic.hpp"
#include "smr/median/server.hpp"

namespace waggle::test {

/// Sealed servers in synchronous rounds: what a server sends in a round to one that is not blocked
/// arrives in it. What they persist is durable at once.
class MedianNetwork {
 public:
  explicit MedianNetwork(const median::Parameters& parameters, std::uint64_t seed = 1,
                         std::size_t table_max = 1u << 20);

  std::uint32_t n() const { return static_cast<std::uint32_t>(members_.size()); }
  const ChainConfig& chain() const { return chain_; }
  const Hasher& hasher() const { return hasher_; }
  const Verifier& verifier() const { return ring_; }
  median::Round now() const { return now_; }

  /// One round in which these servers neither send nor receive.
  void round(const std::set<std::uint32_t>& blocked = {});
  void rounds(std::uint32_t count, const std::set<std::uint32_t>& blocked = {});

  /// From now on no COMMIT arrives anywhere.
  void cut_commits(bool cut) { commits_cut_ = cut; }

  /// A command of this client, which is a number here, arrives at a server.
  median::Content command(std::uint32_t client, std::uint64_t number) const;
  void submit(std::uint32_t server, const median::Content& content);

  void crash(std::uint32_t server) { members_[server].server.reset(); }
  /// The next time that it writes: what it writes is lost, and nothing behind it leaves.
  void crash_at_write(std::uint32_t server) { members_[server].crash_at_write = true; }
  /// From what was durable.
  void restart(std::uint32_t server);
  /// With an empty disk.
  void wipe(std::uint32_t server);

  median::Server& server(std::uint32_t index) { return *members_[index].server; }
  bool up(std::uint32_t index) const { return members_[index].server != nullptr; }
  /// What the server executed, in order, in all its lives.
  const std::vector<median::Named>& executed(std::uint32_t index) const {
    return members_[index].executed;
  }
  const std::map<Bytes, Bytes>& disk(std::uint32_t index) const { return members_[index].disk; }
  std::uint64_t writes(std::uint32_t index) const { return members_[index].writes; }
  const std::vector<ReplicaId>& state_needed(std::uint32_t index) const {
    return members_[index].state_needed;
  }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t conflicts() const { return conflicts_; }
  std::uint64_t requests_sent() const { return requests_sent_; }
  std::uint64_t entries_sent() const { return entries_sent_; }
  /// Of the requests in one Append or Contents, the most so far.
  std::size_t most_bytes() const { return most_bytes_; }
  /// PREs and COMMITs that the server signed, as it signed them.
  const std::vector<median::Message>& signed_by(std::uint32_t index) const {
    return members_[index].signed_messages;
  }

  /// Whether of any two executed sequences one begins with the other.
  bool agree() const;
  /// Whether every server that is up executed all of these commands.
  bool all_executed(const std::vector<median::Content>& commands) const;

  /// Hands a server an input by hand.
  void feed(std::uint32_t server, const median::Input& input);

 private:
  struct Member {
    std::unique_ptr<sim::SymbolicSigner> signer;
    std::unique_ptr<sim::Random> rng;
    std::unique_ptr<median::Server> server;
    std::map<Bytes, Bytes> disk;
    std::uint64_t writes = 0;
    bool crash_at_write = false;
    std::vector<median::Named> executed;
    std::vector<median::Message> signed_messages;
    std::vector<ReplicaId> state_needed;
  };
  struct Letter {
    std::uint32_t from;
    std::uint32_t to;
    median::Message message;
  };

  void open(std::uint32_t server, bool rejoin);
  void perform(std::uint32_t server, const median::Effects& effects);
  void execute(Member& member, const median::Sealed& entry);
  void send(std::uint32_t from, std::uint32_t to, const median::Message& message);
  void deliver_all();

  median::Parameters parameters_;
  std::uint64_t seed_;
  std::size_t table_max_;
  ChainConfig chain_;
  sim::SymbolicHasher hasher_;
  sim::KeyRing ring_;
  std::vector<Member> members_;
  median::Round now_ = 0;
  std::set<std::uint32_t> blocked_;
  bool commits_cut_ = false;
  std::vector<Letter> letters_;
  std::uint64_t refused_ = 0;
  std::uint64_t conflicts_ = 0;
  std::uint64_t requests_sent_ = 0;
  std::uint64_t entries_sent_ = 0;
  std::size_t most_bytes_ = 0;
};

}  // namespace waggle::test
