#include "smr/certificate/proof.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"
#include "consensus/core/request.hpp"

namespace waggle::certificate {
namespace {

using Checked = Result<void, Fault>;

Checked check_servers(const SignedSeal& seal, const ChainConfig& config) {
  const SignedCommit* last = nullptr;
  for (const SignedCommit& commit : seal.commits) {
    if (!config.has(commit.server)) return Unexpected{Fault::kUnknownServer};
    if (last != nullptr && commit.server == last->server) {
      return Unexpected{Fault::kServerTwice};
    }
    last = &commit;
  }
  if (seal.commits.size() <= config.n() / 2) return Unexpected{Fault::kTooFewServers};
  return {};
}

/// The shortest COMMIT says what is sealed; longer ones of the window only count for it.
Checked check_length(const SealedProof& proof) {
  const auto shorter = [](const SignedCommit& a, const SignedCommit& b) {
    return a.length < b.length;
  };
  const auto& commits = proof.seal.commits;
  const auto shortest = std::min_element(commits.begin(), commits.end(), shorter);
  if (shortest->length != proof.path.count) return Unexpected{Fault::kOtherLength};
  return {};
}

Checked check_inclusion(const SealedProof& proof, const Hasher& hasher) {
  const Digest leaf = command_leaf(proof.client, proof.number, proof.command, hasher);
  const Digest root = root_of(proof.path, leaf, hasher);
  for (const SignedCommit& commit : proof.seal.commits) {
    if (commit.length == proof.path.count && commit.root != root) {
      return Unexpected{Fault::kNotIncluded};
    }
  }
  return {};
}

Checked check_signatures(const SealedProof& proof, const ChainConfig& config,
                         const Verifier& verifier) {
  for (const SignedCommit& commit : proof.seal.commits) {
    const Bytes message =
        commit_message(proof.chain_id, proof.seal.window, commit.length, commit.root);
    if (!verifier.verify(config.key(commit.server), message, commit.signature)) {
      return Unexpected{Fault::kBadSignature};
    }
  }
  return {};
}

bool starts_with(ByteView bytes, const domain::Tag& tag) {
  return bytes.size() >= tag.size() && std::equal(tag.begin(), tag.end(), bytes.begin());
}

/// The same outcome as one of several.
template <class T>
Result<Proven, Fault> widen(Result<T, Fault> verdict) {
  if (!verdict) return Unexpected{verdict.error()};
  return Proven(std::move(*verdict));
}

}  // namespace

Result<ProvenSeal, Fault> verify(const SealedProof& proof, const ChainConfig& config,
                                 const Verifier& verifier, const Hasher& hasher) {
  if (proof.chain_id != config.chain_id) return Unexpected{Fault::kWrongChain};
  if (config.leaders != nullptr) return Unexpected{Fault::kWrongKind};
  if (auto ok = check_servers(proof.seal, config); !ok) return Unexpected{ok.error()};
  if (auto ok = check_length(proof); !ok) return Unexpected{ok.error()};
  if (auto ok = check_inclusion(proof, hasher); !ok) return Unexpected{ok.error()};
  if (auto ok = check_signatures(proof, config, verifier); !ok) return Unexpected{ok.error()};
  ProvenSeal proven{proof.client,
                    proof.number,
                    proof.command,
                    proof.path.index,
                    proof.seal.window,
                    proof.path.count,
                    {}};
  for (const SignedCommit& commit : proof.seal.commits) proven.signers.push_back(commit.server);
  return proven;
}

Result<Proven, Fault> verify_proof(ByteView encoded, const ChainConfig& config,
                                   const Verifier& verifier, const Hasher& hasher) {
  if (!starts_with(encoded, domain::kSealedProof)) {
    return widen(verify(encoded, config, verifier, hasher));
  }
  const auto proof = decode_sealed_proof(encoded);
  if (!proof) return Unexpected{Fault::kMalformed};
  return widen(verify(*proof, config, verifier, hasher));
}

std::string_view rests_on(const Proven& proven) noexcept {
  if (std::holds_alternative<ProvenSeal>(proven)) {
    return "servers that crash, are blocked or lose messages, any number of them, but do not lie: "
           "it does not hold against Byzantine servers";
  }
  return "Byzantine fault tolerance: it holds as long as at most f of the n replicas, less than a "
         "third, are faulty in any way, lying included";
}

}  // namespace waggle::certificate
