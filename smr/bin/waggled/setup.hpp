#pragma once

#include <memory>
#include <string>

#include "crypto/ed25519.hpp"
#include "net/tls_identity.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/genesis.hpp"
#include "smr/config/replica.hpp"
#include "storage/storage.hpp"

namespace waggle::daemon {

/// Everything that the files say, loaded and checked against each other.
struct Setup {
  config::ReplicaSettings settings;
  config::Genesis genesis;
  config::Cluster cluster;
  std::shared_ptr<const crypto::Ed25519Signer> signer;  ///< The consensus key.
  std::shared_ptr<const net::TlsIdentity> tls;
};

/// Reads waggled.toml and all files that it names. An error is one line for the operator that
/// names the file and the remedy.
Result<Setup, std::string> load_setup(const std::string& file);

struct OpenedStorage {
  std::unique_ptr<storage::Storage> storage;
  bool rejoin = false;  ///< The memory was lost: start with rule 4.10.
};

/// Opens the data directory. An empty one is accepted with the marker of a first start or with
/// `rejoin`; otherwise the replica would forget what it signed.
Result<OpenedStorage, std::string> open_storage(const Setup& setup, bool rejoin);

}  // namespace waggle::daemon
