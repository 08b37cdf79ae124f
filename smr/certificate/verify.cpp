#include "smr/certificate/verify.hpp"

#include <algorithm>
#include <functional>

namespace waggle::certificate {
namespace {

using Checked = Result<void, Fault>;

/// One proof under examination. Each step relies on those before it.
class Examination {
 public:
  Examination(const CommitProof& proof, const ChainConfig& config, const Hasher& hasher)
      : proof_(proof), config_(config), hasher_(hasher) {}

  Checked check_headers();
  Checked find_pair();
  Checked check_tips();
  Checked check_inclusion() const;
  Checked check_signers() const;
  Checked check_signatures(const Verifier& verifier) const;
  ProvenCommit proven() const;

 private:
  Checked check_structure(const BlockHeader& header) const;
  Checked check_step(const BlockHeader& header, const BlockHeader& parent) const;
  Checked check_tip_list(std::size_t z, const TipList& list);
  bool extends_b1(const std::vector<BlockHeader>& branch, const Digest& tip) const;
  Digest id_of(const BlockHeader& header) const {
    return block_id(header, config_.chain_id, hasher_);
  }
  const Digest& b1() const { return ids_[b1_]; }
  BlockPlace place(std::size_t index) const {
    return {ids_[index], proof_.headers[index].height, proof_.headers[index].view};
  }

  const CommitProof& proof_;
  const ChainConfig& config_;
  const Hasher& hasher_;
  std::vector<Digest> ids_;   ///< Of the headers.
  std::size_t b1_ = 0;        ///< Which of them is B1.
  std::size_t branches_ = 0;  ///< Used so far.
};

/// 3.1 and 3.3, as far as a header alone shows them.
Checked Examination::check_structure(const BlockHeader& header) const {
  const bool led = header.view > View{0} && header.proposer == config_.leader(header.view);
  const bool fast = header.qc.view.next() == header.view && header.qc.block == header.parent;
  const bool justified = header.tc_digest ? header.qc.view < header.view : fast;
  if (!led || !justified) return Unexpected{Fault::kBadStructure};
  return {};
}

/// 3.1 and 3.2 between a block and its parent.
Checked Examination::check_step(const BlockHeader& header, const BlockHeader& parent) const {
  const bool rises = header.height == parent.height.next() && header.view > parent.view;
  if (!rises || header.qc.view < parent.qc.view) return Unexpected{Fault::kBadStructure};
  return {};
}

Checked Examination::check_headers() {
  if (proof_.headers.empty()) return Unexpected{Fault::kNoPair};
  for (const BlockHeader& header : proof_.headers) {
    const Digest id = id_of(header);
    if (!ids_.empty()) {
      const BlockHeader& child = proof_.headers[ids_.size() - 1];
      if (child.parent != id) return Unexpected{Fault::kBrokenChain};
      if (auto step = check_step(child, header); !step) return step;
    }
    if (auto structure = check_structure(header); !structure) return structure;
    ids_.push_back(id);
  }
  return {};
}

Checked Examination::find_pair() {
  const QcRef& qc = proof_.headers.front().qc;
  const auto found = std::find(ids_.begin() + 1, ids_.end(), qc.block);
  if (found == ids_.end()) return Unexpected{Fault::kNoPair};
  b1_ = static_cast<std::size_t>(found - ids_.begin());
  if (proof_.headers[b1_].view != qc.view) return Unexpected{Fault::kNoPair};
  return {};
}

/// 5.2 for every Z from B2 down to just above B1.
Checked Examination::check_tips() {
  if (!config_.certificate_guards.proof_precommit) return {};
  std::size_t lists = 0;
  for (std::size_t z = 0; z + 1 < b1_; ++z) {  // the parent of the last one is B1
    if (!proof_.headers[z].tc_digest) continue;
    if (lists == proof_.tip_lists.size()) return Unexpected{Fault::kMissingTips};
    if (auto list = check_tip_list(z, proof_.tip_lists[lists++]); !list) return list;
  }
  if (lists != proof_.tip_lists.size() || branches_ != proof_.branches.size()) {
    return Unexpected{Fault::kSuperfluous};
  }
  return {};
}

Checked Examination::check_tip_list(std::size_t z, const TipList& list) {
  const BlockHeader& header = proof_.headers[z];
  const View before = header.view.previous();
  if (tc_digest(before, list.tips, list.signatures, hasher_) != *header.tc_digest) {
    return Unexpected{Fault::kBadTips};
  }
  const Digest* last = nullptr;  // equal tips of different claims stand side by side
  for (const Tip& tip : list.tips) {
    if (tip.view != proof_.headers[z + 1].view || tip.block == ids_[z + 1]) continue;
    if (last != nullptr && *last == tip.block) continue;
    last = &tip.block;
    if (tip.block == b1()) continue;  // a liar's claim about its view; B1 extends itself
    if (branches_ == proof_.branches.size()) return Unexpected{Fault::kOtherTip};
    if (!extends_b1(proof_.branches[branches_++], tip.block)) return Unexpected{Fault::kOtherTip};
  }
  return {};
}

/// X may be a block that nobody voted for: only the links down to B1 count.
bool Examination::extends_b1(const std::vector<BlockHeader>& branch, const Digest& tip) const {
  Digest next = tip;
  for (const BlockHeader& header : branch) {
    if (next == b1() || id_of(header) != next) return false;
    next = header.parent;
  }
  return next == b1();
}

Checked Examination::check_inclusion() const {
  const BlockHeader& last = proof_.headers.back();
  const bool history = proof_.inclusion == Inclusion::kHistory;
  const Digest leaf = command_leaf(proof_.client, proof_.number, proof_.command, hasher_);
  const Digest& root = history ? last.history_root : last.payload_root;
  if (root_of(proof_.path, leaf, hasher_) != root) return Unexpected{Fault::kNotIncluded};
  return {};
}

Checked Examination::check_signers() const {
  const auto& signatures = proof_.signatures;
  const bool rising = std::adjacent_find(signatures.begin(), signatures.end(),
                                         [](const SignerSignature& a, const SignerSignature& b) {
                                           return a.signer >= b.signer;
                                         }) == signatures.end();
  const bool known = std::all_of(signatures.begin(), signatures.end(),
                                 [this](const auto& one) { return config_.has(one.signer); });
  if (!rising || !known || signatures.size() != config_.quorum()) {
    return Unexpected{Fault::kSigners};
  }
  return {};
}

Checked Examination::check_signatures(const Verifier& verifier) const {
  const Bytes message = vote_bytes(config_, proof_.headers.front().view, ids_.front());
  for (const auto& [signer, signature] : proof_.signatures) {
    if (!verifier.verify(config_.key(signer), message, signature)) {
      return Unexpected{Fault::kBadSignature};
    }
  }
  return {};
}

ProvenCommit Examination::proven() const {
  ProvenCommit proven{proof_.client,
                      proof_.number,
                      proof_.command,
                      proof_.inclusion,
                      place(ids_.size() - 1),
                      proof_.path.index,
                      place(b1_),
                      place(0),
                      {}};
  for (const SignerSignature& one : proof_.signatures) proven.signers.push_back(one.signer);
  return proven;
}

}  // namespace

std::string_view to_string(Fault fault) noexcept {
  switch (fault) {
    case Fault::kMalformed: return "malformed";
    case Fault::kVersion: return "version";
    case Fault::kWrongChain: return "wrong_chain";
    case Fault::kBrokenChain: return "broken_chain";
    case Fault::kBadStructure: return "bad_structure";
    case Fault::kNoPair: return "no_pair";
    case Fault::kSigners: return "signers";
    case Fault::kBadSignature: return "bad_signature";
    case Fault::kMissingTips: return "missing_tips";
    case Fault::kBadTips: return "bad_tips";
    case Fault::kOtherTip: return "other_tip";
    case Fault::kSuperfluous: return "superfluous";
    case Fault::kNotIncluded: return "not_included";
    case Fault::kWrongKind: return "wrong_kind";
    case Fault::kTooFewServers: return "too_few_servers";
    case Fault::kServerTwice: return "server_twice";
    case Fault::kUnknownServer: return "unknown_server";
    case Fault::kOtherLength: return "other_length";
  }
  return "unknown";
}

std::string_view describe(Fault fault) noexcept {
  switch (fault) {
    case Fault::kMalformed: return "these bytes are not a complete proof and nothing else";
    case Fault::kVersion: return "this is no proof of a version that is known here";
    case Fault::kWrongChain:
      return "it was made for another chain: the genesis file is not its own";
    case Fault::kBrokenChain: return "its block headers do not form a chain";
    case Fault::kBadStructure:
      return "a header breaks a rule about leaders, heights, views or certificates";
    case Fault::kNoPair: return "the upper block's certificate is for none of the blocks below it";
    case Fault::kSigners: return "the certificate is not signed by exactly one quorum of replicas";
    case Fault::kBadSignature: return "a replica's signature does not verify";
    case Fault::kMissingTips:
      return "it does not show where replicas stood when a view failed (rule 5.2)";
    case Fault::kBadTips:
      return "where replicas stood is not what the block's timeout certificate says (rule 5.2)";
    case Fault::kOtherTip:
      return "replicas stood on another block, not shown to extend the committed one (rule 5.2)";
    case Fault::kSuperfluous: return "it holds parts that prove nothing";
    case Fault::kNotIncluded: return "the command is not where the proof says";
    case Fault::kWrongKind:
      return "the protocol that the genesis file names has proofs of another kind";
    case Fault::kTooFewServers: return "its seal is not signed by more than half of the servers";
    case Fault::kServerTwice: return "its seal counts a server twice";
    case Fault::kUnknownServer: return "its seal names a server that the genesis file does not";
    case Fault::kOtherLength:
      return "the shortest sequence that its servers committed is not the one that it opens";
  }
  return "unknown";
}

Result<ProvenCommit, Fault> verify(const CommitProof& proof, const ChainConfig& config,
                                   const Verifier& verifier, const Hasher& hasher) {
  if (proof.chain_id != config.chain_id) return Unexpected{Fault::kWrongChain};
  if (config.leaders == nullptr) return Unexpected{Fault::kWrongKind};
  Examination examination(proof, config, hasher);
  if (auto ok = examination.check_headers(); !ok) return Unexpected{ok.error()};
  if (auto ok = examination.find_pair(); !ok) return Unexpected{ok.error()};
  if (auto ok = examination.check_tips(); !ok) return Unexpected{ok.error()};
  if (auto ok = examination.check_inclusion(); !ok) return Unexpected{ok.error()};
  if (auto ok = examination.check_signers(); !ok) return Unexpected{ok.error()};
  if (auto ok = examination.check_signatures(verifier); !ok) return Unexpected{ok.error()};
  return examination.proven();
}

Result<ProvenCommit, Fault> verify(ByteView encoded, const ChainConfig& config,
                                   const Verifier& verifier, const Hasher& hasher) {
  const auto proof = decode_commit_proof(encoded);
  if (!proof) {
    const bool version = proof.error() == Refusal::kUnsupportedVersion;
    return Unexpected{version ? Fault::kVersion : Fault::kMalformed};
  }
  return verify(*proof, config, verifier, hasher);
}

}  // namespace waggle::certificate
