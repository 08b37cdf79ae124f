// Leaders that do not propose the same to everybody.
#include <algorithm>

#include "sim/adversary/author.hpp"
#include "sim/adversary/families.hpp"

namespace waggle::sim {
namespace {

using chained::Message;
using chained::Proposal;

const Block* proposed(const Outgoing& message) {
  const auto* proposal = std::get_if<Proposal>(&message.message);
  return proposal == nullptr ? nullptr : proposal->block.get();
}

/// The place of a receiver in an order of the others that turns with the view.
std::uint64_t place_of(ReplicaId receiver, const AdversarySetup& setup, View view) {
  const std::uint32_t n = setup.chain.n();
  const std::uint32_t distance = (receiver.value + n - setup.self.value) % n;  // 1 .. n-1
  return (distance - 1 + view.value) % (n - 1);
}

class PartialProposals final : public Adversary {
 public:
  PartialProposals(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        receivers_(count_of(parameters, "receivers")),
        share_(share_of(parameters, "share")) {}

  void tamper(Outgoing message, Out& out) override {
    const Block* block = proposed(message);
    if (block == nullptr || gets(message.to, block->view())) out.push_back(std::move(message));
  }

 private:
  bool gets(ReplicaId receiver, View view) const {
    if (receivers_ != 0) return place_of(receiver, setup_, view) < receivers_;
    return same_chance(share_, view.value * 256 + receiver.value);
  }

  const AdversarySetup setup_;
  const std::uint64_t receivers_;
  const Share share_;
};

/// Several blocks of a view, that differ in their payload.
class Equivocation final : public Adversary {
 public:
  Equivocation(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        author_(setup_),
        rng_(setup.rng),
        versions_(count_of(parameters, "versions")),
        favoured_(count_of(parameters, "favoured")),
        overlap_(share_of(parameters, "overlap")) {}

  void tamper(Outgoing message, Out& out) override {
    const Block* block = proposed(message);
    if (block == nullptr) return out.push_back(std::move(message));
    note(block->payload);
    const std::uint64_t own = version_of(message.to, block->view());
    const bool all = rng_.chance(overlap_);
    for (std::uint64_t version = 0; version < versions_; ++version) {
      if (version != own && !all) continue;
      out.push_back({message.to, Proposal{make_version(*block, version)}, message.delay});
    }
  }
  void hear(ReplicaId, const Message& message, Out&) override {
    const auto* proposal = std::get_if<Proposal>(&message);
    if (proposal != nullptr) note(proposal->block->payload);
  }

 private:
  void note(const PayloadPtr& payload) {
    if (!payload->is_empty()) spare_ = payload;
  }
  std::uint64_t version_of(ReplicaId receiver, View view) const {
    const std::uint64_t place = place_of(receiver, setup_, view);
    if (favoured_ == 0) return place % versions_;
    return place < favoured_ ? 0 : 1 + (place - favoured_) % (versions_ - 1);
  }
  /// Number 0 is the core's own. A block without commands has no second version before some
  /// command was heard of.
  BlockPtr make_version(const Block& block, std::uint64_t version) const {
    if (version == 0) return std::make_shared<const Block>(block);
    // An empty payload is one more version where the core's own is none.
    const std::uint64_t copies = block.payload->is_empty() ? version : version - 1;
    PayloadPtr payload = author_.copies(spare_, copies);
    if (payload->root() == block.payload->root()) payload = author_.copies(spare_, versions_);
    return author_.with_payload(block, std::move(payload));
  }

  const AdversarySetup setup_;
  const Author author_;
  Random rng_;
  const std::uint64_t versions_;
  const std::uint64_t favoured_;
  const Share overlap_;
  PayloadPtr spare_;  ///< Not empty; null before commands were heard of.
};

}  // namespace

std::vector<AdversaryKind> proposal_kinds() {
  return {
      {"partial_proposals",
       "proposes to some only",
       {share("share", "each of the others gets a block with this chance", kWhole / 2),
        count("receivers", "or exactly so many, others in every view; 0: by chance", 0, 0, 255)},
       make<PartialProposals>},
      {"equivocation",
       "proposes different blocks of one view",
       {count("versions", "blocks of a view", 2, 2, 8),
        count("favoured", "so many get the first, the rest others; 0: equal parts", 0, 0, 255),
        share("overlap", "get all of them", 0)},
       make<Equivocation>},
  };
}

}  // namespace waggle::sim
