#pragma once

#include "smr/certificate/sealed_proof.hpp"
#include "smr/median/final_prefix.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::smr {

/// Makes a proof that a command is sealed (docs/proofs.md) from a certificate of it, which it
/// judges (docs/spec/median-smr.md, 6), and from what this server keeps: its roots, their seal, and
/// the links above those of the certificate. Pure; takes some microseconds.
Result<certificate::SealedProof, ProofRefusal> prove_sealed(const ProofQuery& query,
                                                            const median::FinalPrefix& final,
                                                            const Digest& chain_id,
                                                            const Hasher& hasher);

}  // namespace waggle::smr
