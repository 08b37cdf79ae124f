#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "net/endpoint.hpp"

namespace waggle::client {

/// Spans that decide how soon a client asks again. None of them decides what it believes.
struct Timing {
  Duration fallback_after = std::chrono::milliseconds(300);  ///< From a few replicas to all.
  Duration straggler_after = std::chrono::milliseconds(50);  ///< The same, after a first answer.
  /// What these two grow to at most while answers take longer (latency_estimate.hpp).
  Duration patience_max = std::chrono::seconds(2);
  Duration retry_min = std::chrono::milliseconds(250);  ///< Between rounds; doubles ...
  Duration retry_max = std::chrono::seconds(2);         ///< ... up to this.
  /// How long a slow minority is waited for when the session is looked up.
  Duration session_patience = std::chrono::milliseconds(200);
  /// After this long without a command the session is looked up again: replicas may have forgotten
  /// it in favour of other clients.
  Duration session_refresh = std::chrono::seconds(5);
};

/// How commands are put together into requests: one signature each.
struct Batching {
  std::uint32_t commands_max = 64;  ///< Queued commands put together; 1: none. At most 256.
  std::uint32_t requests_in_flight_max = 4;
  std::uint32_t queue_commands_max = 4096;  ///< Waiting to be sent; beyond, submit() blocks.
  /// Of the median rule, where a request is one command: sessions of the key that are used at a
  /// time, each with one command under way. At most 65,536.
  std::uint32_t lanes_max = 64;
};

/// Where a replica is reached by clients, and the TLS key to expect there.
struct ReplicaAddress {
  net::Endpoint endpoint;
  PublicKey tls_key;
  friend bool operator==(const ReplicaAddress&, const ReplicaAddress&) = default;
};

class Links;

struct ClientOptions {
  Digest chain_id;
  Limits limits;  ///< Of the genesis file.
  /// The whole genesis file: says which protocol the chain runs (capability.hpp; without it
  /// pBeeGees), and proofs are verified with it. May be null.
  std::shared_ptr<const ChainConfig> chain;
  std::vector<ReplicaAddress> replicas;  ///< All of the chain; the index is the ReplicaId.
  /// Connections to these replicas that are shared with other clients (links.hpp). Null: the client
  /// makes its own.
  std::shared_ptr<Links> links;
  /// Signs the requests. None: a client that only reads status and local state.
  std::shared_ptr<const Signer> key;
  /// Keeps the client's numbers across restarts (number_file.hpp). Empty: kept in memory only.
  std::filesystem::path number_file;
  /// Of the median rule: keeps what the certificates of its commands take (chain_file.hpp). Empty:
  /// none are kept.
  std::filesystem::path chain_file;
  /// Only without a number file: the caller vouches that the key was never used before.
  bool key_is_new = false;
  Timing timing;
  /// How long an answer takes at best, if that is known from the genesis file; it lengthens the
  /// spans above that are shorter.
  Duration answer_expected{0};
  Batching batching;
};

}  // namespace waggle::client
