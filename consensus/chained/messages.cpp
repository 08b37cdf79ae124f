#include "consensus/chained/messages.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "consensus/core/domain.hpp"

namespace waggle::chained {
namespace {

enum class ProofKind : std::uint8_t { kNone = 0, kQc = 1, kTc = 2, kTimeouts = 3 };

/// The k-th highest view among the timeouts, k from 1; view 0 when there are fewer.
View kth_highest(const std::vector<Timeout>& timeouts, std::size_t k) {
  if (timeouts.size() < k) return View{0};
  std::vector<View> views;
  for (const Timeout& timeout : timeouts) views.push_back(timeout.view);
  std::sort(views.begin(), views.end(), std::greater<>());
  return views[k - 1];
}

Message sign_proposal(Proposal proposal, const Signer& signer, const ChainConfig& config) {
  auto block = std::make_shared<Block>(*proposal.block);
  block->signature = signer.sign(proposal_bytes(config.chain_id, block->id));
  return Proposal{std::move(block)};
}

Message sign_timeout(TimeoutMessage message, const Signer& signer, const ChainConfig& config) {
  Timeout& timeout = message.timeout;
  timeout.signature = signer.sign(timeout_bytes(config.chain_id, timeout.view, timeout.tip));
  if (timeout.tip_vote) {
    timeout.tip_vote =
        signer.sign(vote_bytes(config, timeout.tip.view, timeout.tip.block));
  }
  return message;
}

}  // namespace

View ViewProof::proves(const ChainConfig& config) const {
  if (const auto* qc = std::get_if<QcPtr>(&proof)) return (*qc)->view.next();
  if (const auto* tc = std::get_if<TcPtr>(&proof)) return (*tc)->view.next();
  if (const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof)) {
    const View by_quorum = kth_highest(*timeouts, config.quorum());
    const View by_honest = kth_highest(*timeouts, config.f() + 1);
    return std::max(by_quorum == View{0} ? View{0} : by_quorum.next(), by_honest);
  }
  return View{1};  // Everybody starts in view 1, by the genesis QC.
}

std::string_view kind_of(const Message& message) noexcept {
  static constexpr std::array<std::string_view, std::variant_size_v<Message>> kNames = {
      "proposal",       "vote",   "timeout",          "certificate",  "heartbeat",
      "branch_request", "branch", "rejoin_challenge", "rejoin_report"};
  return kNames[message.index()];
}

Bytes rejoin_challenge_bytes(const Digest& chain_id, ReplicaId sender, const Digest& nonce) {
  return domain::begin(domain::kRejoinChallenge, chain_id).replica(sender).fixed(nonce).take();
}

Bytes rejoin_report_bytes(const Digest& chain_id, const RejoinReport& report) {
  return domain::begin(domain::kRejoinReport, chain_id)
      .replica(report.rejoiner)
      .fixed(report.nonce)
      .view(report.bound)
      .take();
}

Message sign(Message message, const Signer& signer, const ChainConfig& config) {
  if (auto* proposal = std::get_if<Proposal>(&message)) {
    return sign_proposal(std::move(*proposal), signer, config);
  }
  if (auto* vote = std::get_if<Vote>(&message)) {
    vote->signature = signer.sign(vote_bytes(config, vote->view, vote->block));
  } else if (auto* timeout = std::get_if<TimeoutMessage>(&message)) {
    return sign_timeout(std::move(*timeout), signer, config);
  } else if (auto* challenge = std::get_if<RejoinChallenge>(&message)) {
    challenge->signature =
        signer.sign(rejoin_challenge_bytes(config.chain_id, challenge->sender, challenge->nonce));
  } else if (auto* report = std::get_if<RejoinReport>(&message)) {
    report->signature = signer.sign(rejoin_report_bytes(config.chain_id, *report));
  }
  return message;
}

void encode(Writer& writer, const ViewProof& proof) {
  if (const auto* qc = std::get_if<QcPtr>(&proof.proof)) {
    writer.u8(static_cast<std::uint8_t>(ProofKind::kQc));
    encode(writer, **qc);
  } else if (const auto* tc = std::get_if<TcPtr>(&proof.proof)) {
    writer.u8(static_cast<std::uint8_t>(ProofKind::kTc));
    encode(writer, **tc);
  } else if (const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof.proof)) {
    writer.u8(static_cast<std::uint8_t>(ProofKind::kTimeouts));
    writer.u32(static_cast<std::uint32_t>(timeouts->size()));
    for (const Timeout& timeout : *timeouts) encode(writer, timeout);
  } else {
    writer.u8(static_cast<std::uint8_t>(ProofKind::kNone));
  }
}

ViewProof decode_view_proof(Reader& reader) {
  constexpr std::size_t kTimeoutSizeMin = 8 + 4 + 48 + Signature::kSize + 1 + 40 + 1;
  switch (static_cast<ProofKind>(reader.u8())) {
    case ProofKind::kNone: return {};
    case ProofKind::kQc: return {std::make_shared<const QuorumCert>(decode_qc(reader))};
    case ProofKind::kTc: return {std::make_shared<const TimeoutCert>(decode_tc(reader))};
    case ProofKind::kTimeouts: {
      std::vector<Timeout> timeouts(reader.count(kTimeoutSizeMin));
      for (Timeout& timeout : timeouts) timeout = decode_timeout(reader);
      return {std::move(timeouts)};
    }
  }
  reader.fail();
  return {};
}

}  // namespace waggle::chained
