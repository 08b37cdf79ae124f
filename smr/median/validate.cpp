#include <algorithm>
#include <set>

#include "smr/certificate/sealed_proof.hpp"
#include "smr/median/messages.hpp"

// The stateless checks: everything that bytes, genesis and keys alone can decide. Servers of the
// median rule do not lie; what is checked here keeps a broken or foreign one from doing harm.
namespace waggle::median {
namespace {

using Checked = Result<void, Refusal>;

struct Validator {
  ReplicaId from;
  const ChainConfig& chain;
  const Verifier& verifier;
  const Hasher& hasher;

  Checked require_sender(ReplicaId claimed) const {
    if (!chain.has(claimed)) return Unexpected{Refusal::kUnknownReplica};
    if (claimed != from) return Unexpected{Refusal::kWrongSender};
    return {};
  }

  Checked require_signature(const SignedPre& pre) const {
    return require_signature(head_of(pre, hasher));
  }

  Checked require_signature(const PreHead& head) const {
    const Bytes message = pre_message(chain.chain_id, head);
    if (verifier.verify(chain.key(head.server), message, head.signature)) return {};
    return Unexpected{Refusal::kBadSignature};
  }

  Checked require_signature(const Commit& commit) const {
    const Bytes message =
        certificate::commit_message(chain.chain_id, commit.window, commit.length, commit.root);
    if (verifier.verify(chain.key(commit.server), message, commit.signature)) return {};
    return Unexpected{Refusal::kBadSignature};
  }

  /// PREs or COMMITs of one window by different servers, at least so many. Signatures cost most,
  /// and come last.
  template <class Signed>
  Checked check_list(const std::vector<Signed>& list, std::size_t count_min) const {
    std::set<ReplicaId> servers;
    for (const Signed& one : list) {
      if (!chain.has(one.server)) return Unexpected{Refusal::kUnknownReplica};
      if (!servers.insert(one.server).second) return Unexpected{Refusal::kDuplicateSigner};
      if (one.window != list.front().window) return Unexpected{Refusal::kBadCertificate};
    }
    if (list.size() < count_min) return Unexpected{Refusal::kTooFewSigners};
    for (const Signed& one : list) {
      if (auto signature = require_signature(one); !signature) return signature;
    }
    return {};
  }

  std::size_t majority() const { return chain.n() / 2 + 1; }

  Checked operator()(const LogRequest& request) const {
    const std::size_t words = (chain.n() + 63) / 64;
    if (request.pres.size() > words) return Unexpected{Refusal::kTooLarge};
    const std::uint32_t in_last = chain.n() % 64;
    const bool beyond =
        request.pres.size() == words && in_last != 0 && request.pres.back() >> in_last != 0;
    if (beyond) return Unexpected{Refusal::kUnknownReplica};
    return {};
  }

  Checked operator()(const LogReply& reply) const {
    if (auto pres = check_list(reply.pres, 0); !pres) return pres;
    if (auto commits = check_list(reply.commits, 0); !commits) return commits;
    for (const std::vector<SignedPre>& certificate : reply.certificates) {
      if (auto pres = check_list(certificate, majority()); !pres) return pres;
    }
    return {};
  }

  Checked operator()(const SignedPre& pre) const {
    if (auto sender = require_sender(pre.server); !sender) return sender;
    return require_signature(pre);
  }

  Checked operator()(const PreHead& head) const {
    if (auto sender = require_sender(head.server); !sender) return sender;
    return require_signature(head);
  }

  Checked operator()(const Commit& commit) const {
    if (auto sender = require_sender(commit.server); !sender) return sender;
    return require_signature(commit);
  }

  Checked operator()(const FinalReply& reply) const {
    if (reply.entries.empty() && reply.seal.empty()) return {};
    if (auto seal = check_list(reply.seal, majority()); !seal) return seal;
    std::uint64_t sealed = reply.seal.front().length;
    for (const Commit& commit : reply.seal) sealed = std::min(sealed, commit.length);
    const bool ends_there = sealed - reply.entries.size() == reply.from;
    if (reply.entries.empty() || !ends_there) return Unexpected{Refusal::kBadCertificate};
    return {};
  }

  Checked operator()(const auto&) const { return {}; }
};

}  // namespace

Result<Verified<Message>, Refusal> validate(Message message, ReplicaId from,
                                            const ChainConfig& chain, const Verifier& verifier,
                                            const Hasher& hasher) {
  if (!chain.has(from)) return Unexpected{Refusal::kUnknownReplica};
  const Validator validator{from, chain, verifier, hasher};
  if (auto checked = std::visit(validator, message); !checked) return Unexpected{checked.error()};
  return Verified<Message>(std::move(message), from, VerificationPass::for_validator());
}

}  // namespace waggle::median
