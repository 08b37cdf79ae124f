#pragma once

#include <future>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "consensus/core/result.hpp"
#include "smr/client/options.hpp"
#include "smr/client/outcome.hpp"
#include "smr/client/proof_fetcher.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::client {

/// A client of a Waggle cluster, whatever its protocol (capability.hpp). Connects to all replicas,
/// sends commands to a few of them and to the rest when those take too long, and believes what so
/// many say that one of them does not lie: f+1, or one where nobody lies. It lives through crashes
/// of replicas and changes of leaders by itself.
///
///     auto opened = Client::open(options);
///     Client& client = **opened;
///     Outcome outcome = client.execute(encode(KvPut{to_bytes("k"), to_bytes("v")}), 5s);
///     if (auto* done = std::get_if<Committed>(&outcome)) use(done->result);
///
/// Every command has a deadline, given as a span from now; when it has passed, the outcome is
/// NotSent or Unknown within some 10 ms. Commands of one group are executed in their order; of two
/// groups either may be executed first.
///
/// Under pBeeGees a group stands in one request, one signature, and commands submitted while others
/// are on their way are put together into one. Under the median rule a request is one command, and
/// a group is executed command after command: what is to be under way at once goes into groups of
/// its own, up to Batching::lanes_max.
///
/// Threads: all functions may be called from any thread. Callbacks run on the client's one thread:
/// they must be short, may call the functions that do not block, and must not throw.
class Client {
 public:
  /// Takes the lock of the number file and starts to connect. Fails with one line that says why.
  static Result<std::unique_ptr<Client>, std::string> open(ClientOptions options);
  /// Reports what is open as NotSent or Unknown, then stops. Not from a callback.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::uint32_t n() const noexcept;
  /// Commands in one group at most.
  std::size_t group_max() const noexcept;

  // Commands. A group that does not fit is Rejected with kTooLarge.

  /// The group is neither empty nor above group_max() or the limits of the chain.
  bool fits(const std::vector<Bytes>& commands) const noexcept;
  /// Which limit the group is above, and by what, for people; empty if it is above none.
  std::string what_exceeds(const std::vector<Bytes>& commands) const;
  /// Calls `done` once, with one outcome per command. Blocks while the queue is full, at most until
  /// the deadline, except in a callback.
  void submit_group(std::vector<Bytes> commands, Duration timeout, Done done);
  void submit(Bytes command, Duration timeout, std::function<void(Outcome)> done);
  std::future<Outcome> submit(Bytes command, Duration timeout);

  /// Wait for the outcome.
  Outcome execute(Bytes command, Duration timeout);
  std::vector<Outcome> execute_group(std::vector<Bytes> commands, Duration timeout);
  /// Waits on for a command whose outcome was Unknown. The answer is again Unknown when this client
  /// object never used the number, or reported its fate before.
  Outcome resume(std::uint64_t number, Duration timeout);

  /// Of the median rule, with ClientOptions::chain_file: the certificate of a committed command of
  /// one's own with the longest chain so far. Fails with one line that says why there is none.
  Result<certificate::Certificate, std::string> certificate(std::uint64_t number);

  // Proofs (docs/proofs.md). Needs ClientOptions::chain.

  /// Fetches a proof that a client's command is committed and verifies it: whoever gave it need not
  /// be believed. Calls `done` once. For a command of one's own, once its outcome is Committed.
  /// Under the median rule, whose servers keep no history, only commands of one's own have proofs,
  /// and only with ClientOptions::chain_file: others are proven by a certificate of them.
  void prove(const ClientId& client, std::uint64_t number, Duration timeout, ProofDone done);
  std::future<ProofOutcome> prove(const ClientId& client, std::uint64_t number, Duration timeout);
  /// The same from a certificate of the median rule, whosoever command it is of: servers judge it,
  /// and make a proof of it that rests on none of them.
  std::future<ProofOutcome> prove(const certificate::Certificate& certificate, Duration timeout);
  /// This client's public key; zero without a key.
  const ClientId& id() const noexcept;

  // Questions to one replica, which may lie. Nothing if it does not answer in time.

  /// Asks one replica's state machine. The answer is that of one replica at some moment of the
  /// past: it may be stale, and is not confirmed by anybody. For a read that sees all writes before
  /// it, execute a command that reads.
  std::future<std::optional<smr::LocalReadResult>> local_read(ReplicaId replica, Bytes query,
                                                              Duration timeout);
  std::future<std::optional<smr::Status>> status(ReplicaId replica, Duration timeout);
  /// Why there is no connection to the replica; empty if there is one or none was tried yet.
  std::string connection_error(ReplicaId replica) const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace waggle::client
