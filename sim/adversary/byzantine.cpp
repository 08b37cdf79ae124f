#include "sim/adversary/byzantine.hpp"

#include <algorithm>

namespace waggle::sim {

using chained::Message;
using chained::Proposal;
using chained::TimeoutMessage;
using chained::Vote;

namespace {

bool bears_certificate(const Message& message) {
  return std::holds_alternative<chained::Certificate>(message) ||
         std::holds_alternative<chained::Heartbeat>(message);
}

}  // namespace

Fault Strategy::current(View view) const {
  if (fault_ != Fault::kMixed) return fault_;
  // A function of the view, so that it is the same towards everybody.
  const std::uint64_t draw = Random(view.value * 7919 + setup_.self.value).next();
  return static_cast<Fault>(draw % (kFaultCount - 1));
}

void Strategy::tamper(Outgoing message, Out& out) {
  if (auto instead = tampered(message.to, message.message)) {
    out.push_back({message.to, std::move(*instead), message.delay});
  }
}

std::optional<Message> Strategy::tampered(ReplicaId to, const Message& message) {
  if (const auto* proposal = std::get_if<Proposal>(&message)) {
    view_ = std::max(view_, proposal->block->view());
    return tampered(to, *proposal);
  }
  if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) {
    view_ = std::max(view_, timeout->timeout.view);
    return tampered(*timeout);
  }
  if (const auto* vote = std::get_if<Vote>(&message)) view_ = std::max(view_, vote->view);
  switch (current(view_)) {
    case Fault::kSilent: return std::nullopt;
    case Fault::kWithheldVotes:
    case Fault::kDoubleVotes:  // hear() votes for it
      if (std::holds_alternative<Vote>(message)) return std::nullopt;
      break;
    case Fault::kHiddenCertificates:
      if (bears_certificate(message)) return std::nullopt;
      break;
    case Fault::kWithheldBlocks:
      if (std::holds_alternative<chained::Branch>(message)) return std::nullopt;
      break;
    default: break;
  }
  return message;
}

std::optional<Message> Strategy::tampered(ReplicaId to, const Proposal& proposal) {
  const Block& block = *proposal.block;
  if (!block.payload->is_empty()) spare_ = block.payload;
  switch (current(block.view())) {
    case Fault::kSilent:
    case Fault::kMuteLeader: return std::nullopt;
    case Fault::kPartialProposals:
      if (Random(block.view().value * 31 + to.value).chance(permille(500))) return std::nullopt;
      return proposal;
    case Fault::kHiddenCertificates: return std::nullopt;  // the block carries the certificate
    case Fault::kEquivocation: {
      const bool second = (to.value + block.view().value) % 2 == 0;
      const BlockPtr twin = second ? twin_of(block) : nullptr;
      if (twin) return Proposal{twin};
      return proposal;
    }
    default: return proposal;
  }
}

BlockPtr Strategy::twin_of(const Block& block) {
  auto twin = std::make_shared<Block>(block);
  if (!block.payload->is_empty()) {
    twin->payload = Payload::empty(setup_.hasher);
  } else if (spare_) {
    twin->payload = spare_;
  } else {
    return nullptr;
  }
  twin->header.payload_root = twin->payload->root();
  twin->id = block_id(twin->header, setup_.chain.chain_id, setup_.hasher);
  twin->signature = setup_.signer.sign(proposal_bytes(setup_.chain.chain_id, twin->id));
  return twin;
}

std::optional<Message> Strategy::tampered(const TimeoutMessage& message) {
  TimeoutMessage changed = message;
  Timeout& timeout = changed.timeout;
  switch (current(timeout.view)) {
    case Fault::kSilent: return std::nullopt;
    case Fault::kWithheldVotes: timeout.tip_vote.reset(); return changed;
    case Fault::kHiddenCertificates: timeout.full_qc = nullptr; return changed;
    case Fault::kLyingTimeouts: {
      const std::uint64_t kind = rng_.below(3);
      if (kind == 0) {  // a block that does not exist, of the highest view
        timeout.tip.view = timeout.view;
        for (std::uint8_t& byte : timeout.tip.block.bytes) {
          byte = static_cast<std::uint8_t>(rng_.next());
        }
      } else if (kind == 1) {  // a rank that is not the block's own
        timeout.tip.qc_view = View{timeout.tip.qc_view.value + 1 + rng_.below(5)};
      } else {  // a lower tip than its own
        timeout.tip = make_genesis(setup_.chain, setup_.hasher)->tip();
      }
      timeout.tip_vote.reset();
      timeout.signature =
          setup_.signer.sign(timeout_bytes(setup_.chain.chain_id, timeout.view, timeout.tip));
      return changed;
    }
    default: return changed;
  }
}

void Strategy::hear(ReplicaId, const Message& message, Out& out) {
  const auto* proposal = std::get_if<Proposal>(&message);
  if (proposal == nullptr) return;
  if (!proposal->block->payload->is_empty()) spare_ = proposal->block->payload;
  const Block& block = *proposal->block;
  if (current(block.view()) != Fault::kDoubleVotes) return;
  Vote vote{block.view(), block.id, setup_.self, {}};
  vote.signature = setup_.signer.sign(vote_bytes(setup_.chain, vote.view, vote.block));
  out.push_back({setup_.chain.leader(block.view().next()), vote});
}

}  // namespace waggle::sim
