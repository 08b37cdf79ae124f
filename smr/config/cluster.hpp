#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "smr/config/address.hpp"
#include "smr/config/error.hpp"

/// cluster.toml: where the replicas of a chain are reached and which TLS keys to expect there.
/// Public; clients and replicas read the same file. Addresses may change, genesis may not.
///
///     chain = "<chain id in hex>"
///     [[replica]]  id, peer_address, client_address, tls_key, tls_binding
///
/// tls_binding is a signature over the TLS key by the replica's consensus key, which genesis
/// names: whoever can write this file still cannot pose as a replica.
namespace waggle::config {

struct ClusterMember {
  ReplicaId id;
  Address peer_address;    ///< Where the other replicas reach it.
  Address client_address;  ///< Where clients reach it.
  PublicKey tls_key;
  Origin peer_origin;
  Origin client_origin;
};

struct Cluster {
  std::vector<ClusterMember> members;  ///< One per replica of the chain; the index is the id.
};

/// Reads the file and checks it against the genesis: the same chain, every replica once, every
/// binding verified.
Loaded<Cluster> load_cluster(const std::string& file, const ChainConfig& chain,
                             const Verifier& verifier);
/// The same from text; `file` is only the name that errors carry.
Loaded<Cluster> parse_cluster(std::string_view text, const std::string& file,
                              const ChainConfig& chain, const Verifier& verifier);

}  // namespace waggle::config
