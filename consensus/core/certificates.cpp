#include "consensus/core/certificates.hpp"

#include <algorithm>
#include <functional>

#include "consensus/core/domain.hpp"

namespace waggle {
namespace {

constexpr std::size_t kSignerSize = sizeof(std::uint32_t) + Signature::kSize;
constexpr std::size_t kTipSize = 2 * sizeof(std::uint64_t) + Digest::kSize;
constexpr std::size_t kEntrySize = kSignerSize + sizeof(std::uint32_t);

void encode_tips(Writer& writer, View view, const std::vector<Tip>& tips) {
  writer.view(view).u32(static_cast<std::uint32_t>(tips.size()));
  for (const Tip& tip : tips) encode(writer, tip);
}

void encode_entries(Writer& writer, const TimeoutCert& tc) {
  writer.u32(static_cast<std::uint32_t>(tc.entries.size()));
  for (const auto& entry : tc.entries) {
    writer.replica(entry.replica).u32(entry.tip).fixed(entry.signature);
  }
}

/// Known replicas, strictly rising: distinct, and one encoding per set.
template <class Items, class Project>
Result<void, Refusal> check_signers(const Items& items, const ChainConfig& config, Project id) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!config.has(id(items[i]))) return Unexpected{Refusal::kUnknownReplica};
    const bool twice = i > 0 && id(items[i]) == id(items[i - 1]);
    if (twice && config.certificate_guards.distinct_signers) {
      return Unexpected{Refusal::kDuplicateSigner};
    }
    if (i > 0 && id(items[i]) < id(items[i - 1])) return Unexpected{Refusal::kBadCertificate};
  }
  return {};
}

}  // namespace

Rank TimeoutCert::rank_max() const {
  Rank best;
  for (const Tip& tip : tips) best = std::max(best, tip.rank());
  return best;
}

TimeoutCert make_timeout_cert(View view, std::vector<Timeout> timeouts) {
  std::sort(timeouts.begin(), timeouts.end(),
            [](const Timeout& a, const Timeout& b) { return a.sender < b.sender; });
  TimeoutCert tc;
  tc.view = view;
  for (const Timeout& timeout : timeouts) tc.tips.push_back(timeout.tip);
  std::sort(tc.tips.begin(), tc.tips.end());
  tc.tips.erase(std::unique(tc.tips.begin(), tc.tips.end()), tc.tips.end());
  for (const Timeout& timeout : timeouts) {
    ENSURE(timeout.view == view, "a TC holds timeouts of one view");
    const auto at = std::lower_bound(tc.tips.begin(), tc.tips.end(), timeout.tip);
    const auto index = static_cast<std::uint32_t>(at - tc.tips.begin());
    tc.entries.push_back({timeout.sender, index, timeout.signature});
  }
  return tc;
}

Bytes vote_bytes(const ChainConfig& config, View view, const Digest& block) {
  return vote_bytes(config.chain_id, config.certificate_guards.view_signed ? view : View{0}, block);
}

Bytes vote_bytes(const Digest& chain_id, View view, const Digest& block) {
  return domain::begin(domain::kVote, chain_id).view(view).fixed(block).take();
}

Bytes timeout_bytes(const Digest& chain_id, View view, const Tip& tip) {
  Writer writer = domain::begin(domain::kTimeout, chain_id);
  writer.view(view);
  encode(writer, tip);
  return writer.take();
}

Digest qc_digest(const QuorumCert& qc, const Hasher& hasher) {
  Writer writer;
  encode(writer, qc);
  return hasher.hash({domain::kQc, writer.bytes()});
}

Digest tc_signatures_digest(const TimeoutCert& tc, const Hasher& hasher) {
  Writer entries;
  encode_entries(entries, tc);
  return hasher.hash({domain::kTipSignatures, entries.bytes()});
}

Digest tc_digest(View view, const std::vector<Tip>& tips, const Digest& signatures,
                 const Hasher& hasher) {
  Writer writer;
  encode_tips(writer, view, tips);
  const Digest tips_hash = hasher.hash({domain::kTips, writer.bytes()});
  return hasher.hash({domain::kTc, tips_hash.view(), signatures.view()});
}

Digest tc_digest(const TimeoutCert& tc, const Hasher& hasher) {
  return tc_digest(tc.view, tc.tips, tc_signatures_digest(tc, hasher), hasher);
}

void encode(Writer& writer, const Tip& tip) {
  writer.view(tip.view).fixed(tip.block).view(tip.qc_view);
}

void encode(Writer& writer, const QcRef& ref) { writer.view(ref.view).fixed(ref.block); }

void encode(Writer& writer, const QuorumCert& qc) {
  writer.view(qc.view).fixed(qc.block).u32(static_cast<std::uint32_t>(qc.signatures.size()));
  for (const auto& [signer, signature] : qc.signatures) writer.replica(signer).fixed(signature);
}

void encode(Writer& writer, const TimeoutCert& tc) {
  encode_tips(writer, tc.view, tc.tips);
  encode_entries(writer, tc);
}

void encode(Writer& writer, const Timeout& timeout) {
  writer.view(timeout.view).replica(timeout.sender);
  encode(writer, timeout.tip);
  writer.fixed(timeout.signature).u8(timeout.tip_vote ? 1 : 0);
  if (timeout.tip_vote) writer.fixed(*timeout.tip_vote);
  encode(writer, timeout.high_qc);
  writer.u8(timeout.full_qc ? 1 : 0);
  if (timeout.full_qc) encode(writer, *timeout.full_qc);
}

Tip decode_tip(Reader& reader) {
  Tip tip;
  tip.view = reader.view();
  tip.block = reader.fixed<Digest>();
  tip.qc_view = reader.view();
  return tip;
}

QcRef decode_qc_ref(Reader& reader) {
  QcRef ref;
  ref.view = reader.view();
  ref.block = reader.fixed<Digest>();
  return ref;
}

QuorumCert decode_qc(Reader& reader) {
  QuorumCert qc;
  qc.view = reader.view();
  qc.block = reader.fixed<Digest>();
  qc.signatures.resize(reader.count(kSignerSize));
  for (auto& [signer, signature] : qc.signatures) {
    signer = reader.replica();
    signature = reader.fixed<Signature>();
  }
  return qc;
}

TimeoutCert decode_tc(Reader& reader) {
  TimeoutCert tc;
  tc.view = reader.view();
  tc.tips.resize(reader.count(kTipSize));
  for (Tip& tip : tc.tips) tip = decode_tip(reader);
  tc.entries.resize(reader.count(kEntrySize));
  for (auto& entry : tc.entries) {
    entry.replica = reader.replica();
    entry.tip = reader.u32();
    entry.signature = reader.fixed<Signature>();
    if (entry.tip >= tc.tips.size()) reader.fail();
  }
  return tc;
}

Timeout decode_timeout(Reader& reader) {
  Timeout timeout;
  timeout.view = reader.view();
  timeout.sender = reader.replica();
  timeout.tip = decode_tip(reader);
  timeout.signature = reader.fixed<Signature>();
  if (reader.flag()) timeout.tip_vote = reader.fixed<Signature>();
  timeout.high_qc = decode_qc_ref(reader);
  if (reader.flag()) timeout.full_qc = std::make_shared<const QuorumCert>(decode_qc(reader));
  return timeout;
}

QuorumCert genesis_qc(const Digest& genesis_block) { return {View{0}, genesis_block, {}}; }

Result<void, Refusal> verify_qc(const QuorumCert& qc, const Digest& genesis_block,
                                const ChainConfig& config, const Verifier& verifier) {
  if (qc.view == View{0}) {
    if (qc == genesis_qc(genesis_block)) return {};
    return Unexpected{Refusal::kBadCertificate};
  }
  const auto signers = check_signers(qc.signatures, config, [](const auto& s) { return s.signer; });
  if (!signers) return signers;
  if (qc.signatures.size() < config.quorum()) return Unexpected{Refusal::kTooFewSigners};
  const Bytes message = vote_bytes(config, qc.view, qc.block);
  for (const auto& [signer, signature] : qc.signatures) {
    if (!verifier.verify(config.key(signer), message, signature)) {
      return Unexpected{Refusal::kBadSignature};
    }
  }
  return {};
}

Result<void, Refusal> verify_tc(const TimeoutCert& tc, const ChainConfig& config,
                                const Verifier& verifier) {
  const auto signers = check_signers(tc.entries, config, [](const auto& e) { return e.replica; });
  if (!signers) return signers;
  if (tc.entries.size() < config.tc_quorum()) return Unexpected{Refusal::kTooFewSigners};
  if (tc.entries.size() > config.quorum()) return Unexpected{Refusal::kBadCertificate};
  if (std::adjacent_find(tc.tips.begin(), tc.tips.end(), std::greater_equal<>()) != tc.tips.end()) {
    return Unexpected{Refusal::kBadCertificate};
  }
  std::vector<bool> used(tc.tips.size(), false);
  for (const auto& entry : tc.entries) {
    if (entry.tip >= used.size()) return Unexpected{Refusal::kBadCertificate};
    used[entry.tip] = true;
  }
  if (std::find(used.begin(), used.end(), false) != used.end()) {
    return Unexpected{Refusal::kBadCertificate};
  }
  for (const Tip& tip : tc.tips) {
    if (tip.view > tc.view) return Unexpected{Refusal::kTipAboveTc};  // 3.4
  }
  for (const auto& entry : tc.entries) {
    const Bytes message = timeout_bytes(config.chain_id, tc.view, tc.tip_of(entry));
    if (!verifier.verify(config.key(entry.replica), message, entry.signature)) {
      return Unexpected{Refusal::kBadSignature};
    }
  }
  return {};
}

Result<void, Refusal> verify_timeout(const Timeout& timeout, const ChainConfig& config,
                                     const Verifier& verifier) {
  if (!config.has(timeout.sender)) return Unexpected{Refusal::kUnknownReplica};
  if (timeout.tip.view > timeout.view) return Unexpected{Refusal::kTipAboveTc};
  const PublicKey& key = config.key(timeout.sender);
  const Bytes message = timeout_bytes(config.chain_id, timeout.view, timeout.tip);
  if (!verifier.verify(key, message, timeout.signature)) return Unexpected{Refusal::kBadSignature};
  if (timeout.tip_vote) {
    const Bytes vote = vote_bytes(config, timeout.tip.view, timeout.tip.block);
    if (!verifier.verify(key, vote, *timeout.tip_vote)) return Unexpected{Refusal::kBadSignature};
  }
  return {};
}

}  // namespace waggle
