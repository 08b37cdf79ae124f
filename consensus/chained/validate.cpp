#include "consensus/chained/messages.hpp"

// The stateless checks: everything that bytes, genesis and keys alone can decide.
namespace waggle::chained {
namespace {

using Checked = Result<void, Refusal>;

struct Validator {
  ReplicaId from;
  const Digest& genesis;
  const ChainConfig& config;
  const Verifier& verifier;
  const Hasher& hasher;

  Checked require_sender(ReplicaId claimed) const {
    if (!config.has(claimed)) return Unexpected{Refusal::kUnknownReplica};
    if (claimed != from) return Unexpected{Refusal::kWrongSender};
    return {};
  }

  Checked require_signature(ByteView message, const Signature& signature) const {
    if (verifier.verify(config.key(from), message, signature)) return {};
    return Unexpected{Refusal::kBadSignature};
  }

  Checked check_timeout(const Timeout& timeout) const {
    if (timeout.full_qc) {
      if (timeout.full_qc->ref() != timeout.high_qc) return Unexpected{Refusal::kBadCertificate};
      if (auto qc = verify_qc(*timeout.full_qc, genesis, config, verifier); !qc) return qc;
    }
    return verify_timeout(timeout, config, verifier);
  }

  Checked check_proof(const ViewProof& proof) const {
    if (const auto* qc = std::get_if<QcPtr>(&proof.proof)) {
      return verify_qc(**qc, genesis, config, verifier);
    }
    if (const auto* tc = std::get_if<TcPtr>(&proof.proof)) {
      return verify_tc(**tc, config, verifier);
    }
    const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof.proof);
    if (timeouts == nullptr) return {};
    for (std::size_t i = 0; i < timeouts->size(); ++i) {
      const bool rising = i == 0 || (*timeouts)[i - 1].sender < (*timeouts)[i].sender;
      if (!rising) return Unexpected{Refusal::kDuplicateSigner};
      if (auto one = check_timeout((*timeouts)[i]); !one) return one;
    }
    return {};
  }

  Checked operator()(const Proposal& proposal) const {
    if (auto sender = require_sender(proposal.block->header.proposer); !sender) return sender;
    return verify_block(*proposal.block, genesis, config, verifier);
  }

  Checked operator()(const Vote& vote) const {
    if (auto sender = require_sender(vote.voter); !sender) return sender;
    return require_signature(vote_bytes(config, vote.view, vote.block), vote.signature);
  }

  Checked operator()(const TimeoutMessage& message) const {
    if (auto sender = require_sender(message.timeout.sender); !sender) return sender;
    return check_timeout(message.timeout);
  }

  Checked operator()(const Certificate& certificate) const {
    return check_proof(certificate.proof);
  }

  Checked operator()(const Heartbeat& heartbeat) const {
    return verify_qc(*heartbeat.high_qc, genesis, config, verifier);
  }

  Checked operator()(const BranchRequest& request) const {
    if (request.count_max == 0) return Unexpected{Refusal::kMalformed};
    return {};
  }

  Checked operator()(const Branch& branch) const {
    if (branch.blocks.size() > kBranchBlocksMax) return Unexpected{Refusal::kTooLarge};
    for (std::size_t i = 0; i < branch.blocks.size(); ++i) {
      const ChainedBlock& chained = branch.blocks[i];
      const Block& block = *chained.block;
      if (i > 0 && block.parent() != branch.blocks[i - 1].block->id) {
        return Unexpected{Refusal::kMalformed};
      }
      if (chained.before.root(hasher) != block.header.history_root) {
        return Unexpected{Refusal::kBadHistoryRoot};
      }
      if (auto ok = verify_block(block, genesis, config, verifier); !ok) return ok;
    }
    if (!branch.certificate) return {};
    if (branch.certificate->block != branch.wanted) return Unexpected{Refusal::kBadCertificate};
    return verify_qc(*branch.certificate, genesis, config, verifier);
  }

  Checked operator()(const RejoinChallenge& challenge) const {
    if (auto sender = require_sender(challenge.sender); !sender) return sender;
    return require_signature(
        rejoin_challenge_bytes(config.chain_id, challenge.sender, challenge.nonce),
        challenge.signature);
  }

  Checked operator()(const RejoinReport& report) const {
    if (auto sender = require_sender(report.reporter); !sender) return sender;
    if (auto proof = check_proof(report.justification); !proof) return proof;
    // 4.10: nobody can claim a view that no honest replica has reached.
    if (report.justification.proves(config) < report.bound) {
      return Unexpected{Refusal::kUnprovenView};
    }
    return require_signature(rejoin_report_bytes(config.chain_id, report), report.signature);
  }
};

}  // namespace

Result<Verified<Message>, Refusal> validate(Message message, ReplicaId from,
                                            const Digest& genesis_block, const ChainConfig& config,
                                            const Verifier& verifier, const Hasher& hasher) {
  if (!config.has(from)) return Unexpected{Refusal::kUnknownReplica};
  const Validator validator{from, genesis_block, config, verifier, hasher};
  if (auto checked = std::visit(validator, message); !checked) return Unexpected{checked.error()};
  return Verified<Message>(std::move(message), from, VerificationPass::for_validator());
}

}  // namespace waggle::chained
