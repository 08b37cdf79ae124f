#pragma once

#include "consensus/core/interfaces.hpp"

/// A replica's TLS key is not its consensus key, so that the process that terminates TLS can never
/// be talked into signing a vote. The consensus key vouches for the TLS key with one signature,
/// which stands in the cluster configuration; peers pin the TLS keys that it vouches for.
namespace waggle::crypto {

/// What the consensus key signs: tag kTlsBinding, chain id, replica u32, TLS public key 32.
Bytes tls_binding_bytes(const Digest& chain_id, ReplicaId replica, const PublicKey& tls_key);

Signature sign_tls_binding(const Signer& consensus, const Digest& chain_id, ReplicaId replica,
                           const PublicKey& tls_key);

bool verify_tls_binding(const Verifier& verifier, const PublicKey& consensus_key,
                        const Digest& chain_id, ReplicaId replica, const PublicKey& tls_key,
                        const Signature& signature);

}  // namespace waggle::crypto
