#include "crypto/tls_binding.hpp"

#include "consensus/core/domain.hpp"

namespace waggle::crypto {

Bytes tls_binding_bytes(const Digest& chain_id, ReplicaId replica, const PublicKey& tls_key) {
  return domain::begin(domain::kTlsBinding, chain_id).replica(replica).fixed(tls_key).take();
}

Signature sign_tls_binding(const Signer& consensus, const Digest& chain_id, ReplicaId replica,
                           const PublicKey& tls_key) {
  return consensus.sign(tls_binding_bytes(chain_id, replica, tls_key));
}

bool verify_tls_binding(const Verifier& verifier, const PublicKey& consensus_key,
                        const Digest& chain_id, ReplicaId replica, const PublicKey& tls_key,
                        const Signature& signature) {
  return verifier.verify(consensus_key, tls_binding_bytes(chain_id, replica, tls_key), signature);
}

}  // namespace waggle::crypto
