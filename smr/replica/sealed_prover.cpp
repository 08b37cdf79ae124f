#include "smr/replica/sealed_prover.hpp"

#include <algorithm>

#include "smr/median/named.hpp"

namespace waggle::smr {

using certificate::Certificate;
using certificate::Doubt;
using certificate::SealedProof;

namespace {

ProofRefusal refusal_of(Doubt doubt) {
  switch (doubt) {
    case Doubt::kMalformed: return ProofRefusal::kBadCertificate;
    case Doubt::kAhead: return ProofRefusal::kAhead;
    case Doubt::kSurplusLinks: return ProofRefusal::kSurplusLinks;
    case Doubt::kNotCommitted: return ProofRefusal::kWrongCertificate;
    case Doubt::kTooShort: return ProofRefusal::kShortChain;
  }
  return ProofRefusal::kBadCertificate;
}

certificate::SignedSeal signed_seal(const median::Seal& seal) {
  certificate::SignedSeal result{seal.window(), {}};
  for (const median::Commit& commit : seal.commits()) {
    result.commits.push_back({commit.server, commit.length, commit.root, commit.signature});
  }
  std::sort(result.commits.begin(), result.commits.end(),
            [](const auto& a, const auto& b) { return a.server < b.server; });
  return result;
}

}  // namespace

Result<SealedProof, ProofRefusal> prove_sealed(const ProofQuery& query,
                                               const median::FinalPrefix& final,
                                               const Digest& chain_id, const Hasher& hasher) {
  if (query.certificate.empty()) return Unexpected{ProofRefusal::kNoCertificate};
  auto shown = certificate::decode_certificate(query.certificate);
  if (!shown || shown->client != query.client || shown->number != query.number) {
    return Unexpected{ProofRefusal::kBadCertificate};
  }
  const ClientId lane = median::lane_client(shown->client, median::lane_of(shown->number), hasher);
  const auto verdict = final.chains.verify(*shown, lane, hasher);
  if (!verdict) return Unexpected{refusal_of(verdict.error())};
  const Certificate whole = final.chains.complete(std::move(*shown));
  auto proof = make_sealed_proof(chain_id, whole, final.chains.roots(), signed_seal(*final.seal));
  ENSURE(proof, "its chain ends at the root of its tree");
  return std::move(*proof);
}

}  // namespace waggle::smr
