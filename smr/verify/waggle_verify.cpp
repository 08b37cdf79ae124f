#include "smr/verify/waggle_verify.h"

#include <algorithm>
#include <new>

#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "smr/certificate/proof.hpp"
#include "smr/config/genesis.hpp"

namespace {

using namespace waggle;
using certificate::Fault;

static_assert(WAGGLE_PROOF_MALFORMED == static_cast<int>(Fault::kMalformed));
static_assert(WAGGLE_PROOF_NOT_INCLUDED == static_cast<int>(Fault::kNotIncluded));
static_assert(WAGGLE_PROOF_OTHER_LENGTH == static_cast<int>(Fault::kOtherLength));
static_assert(WAGGLE_PROOF_OTHER_LENGTH == certificate::kFaultCount);

/// Tag, chain id, client, number, length: what stands before the command, in both kinds.
constexpr std::size_t kCommandOffset = 16 + 32 + 32 + 8 + 4;

waggle_block to_c(const certificate::BlockPlace& place) {
  waggle_block block{};
  std::copy(place.id.bytes.begin(), place.id.bytes.end(), block.id);
  block.height = place.height.value;
  block.view = place.view.value;
  return block;
}

/// What both kinds of proof prove.
template <class Kind>
waggle_proven common_to_c(const Kind& proven, const std::uint8_t* proof) {
  waggle_proven out{};
  std::copy(proven.client.bytes.begin(), proven.client.bytes.end(), out.client);
  out.number = proven.number;
  out.command = proof + kCommandOffset;
  out.command_size = proven.command.size();
  out.position = proven.position;
  out.signers = static_cast<std::uint32_t>(proven.signers.size());
  return out;
}

waggle_proven to_c(const certificate::ProvenCommit& proven, const std::uint8_t* proof) {
  waggle_proven out = common_to_c(proven, proof);
  out.kind = WAGGLE_COMMIT_PROOF;
  out.by_history = proven.inclusion == certificate::Inclusion::kHistory ? 1 : 0;
  out.block = to_c(proven.block);
  out.committed = to_c(proven.committed);
  out.certified = to_c(proven.certified);
  return out;
}

waggle_proven to_c(const certificate::ProvenSeal& proven, const std::uint8_t* proof) {
  waggle_proven out = common_to_c(proven, proof);
  out.kind = WAGGLE_SEALED_PROOF;
  out.window = proven.window;
  out.length = proven.length;
  return out;
}

waggle_proven to_c(const certificate::Proven& proven, const std::uint8_t* proof) {
  waggle_proven out = std::visit([proof](const auto& kind) { return to_c(kind, proof); }, proven);
  out.rests_on = certificate::rests_on(proven).data();  // a literal, and so it ends with a zero
  return out;
}

int verify(ByteView proof, ByteView genesis_text, waggle_proven* proven) {
  const crypto::Sha256Hasher hasher;
  const crypto::Ed25519Verifier verifier;
  const auto genesis = config::parse_genesis(as_text(genesis_text), "genesis", hasher);
  if (!genesis) return WAGGLE_BAD_GENESIS;
  const auto verdict = certificate::verify_proof(proof, *genesis->chain, verifier, hasher);
  if (!verdict) return static_cast<int>(verdict.error());
  if (proven != nullptr) *proven = to_c(*verdict, proof.data());
  return WAGGLE_PROOF_VALID;
}

}  // namespace

int waggle_verify_proof(const uint8_t* proof, size_t proof_size, const uint8_t* genesis,
                        size_t genesis_size, waggle_proven* proven) try {
  const bool missing =
      (proof == nullptr && proof_size > 0) || (genesis == nullptr && genesis_size > 0);
  if (missing) return WAGGLE_BAD_ARGUMENT;
  return verify({proof, proof_size}, {genesis, genesis_size}, proven);
} catch (const std::bad_alloc&) {
  return WAGGLE_NO_MEMORY;
} catch (...) {
  return WAGGLE_INTERNAL;
}

const char* waggle_verify_reason(int code) {
  switch (code) {
    case WAGGLE_PROOF_VALID: return "the proof is valid";
    case WAGGLE_BAD_GENESIS: return "the genesis file does not parse";
    case WAGGLE_BAD_ARGUMENT: return "a null pointer with a length";
    case WAGGLE_NO_MEMORY: return "out of memory";
    case WAGGLE_INTERNAL: return "a bug of the library";
    default: break;
  }
  const bool fault = code >= 1 && code <= static_cast<int>(certificate::kFaultCount);
  // The sentences are literals, and so end with a zero.
  return fault ? certificate::describe(static_cast<Fault>(code)).data() : "no such code";
}
