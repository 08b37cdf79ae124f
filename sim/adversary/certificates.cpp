// Certificates and blocks that others should have and do not get.
#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

/// Collects votes and keeps the certificate: what carries it stays in, and it comes out late, if
/// ever. A few may be told at once, and so know more than the rest.
class HiddenCertificates final : public Adversary {
 public:
  HiddenCertificates(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        memory_(setup_),
        lowest_(memory_.high_qc()->ref()),
        views_(count_of(parameters, "views")),
        told_(count_of(parameters, "told")) {}

  void hear(ReplicaId from, const Message& message, Out&) override { memory_.note(from, message); }

  void tamper(Outgoing message, Out& out) override {
    memory_.note(setup_.self, message.message);
    tell_a_few(out);
    release(out);
    if (auto* timeout = std::get_if<TimeoutMessage>(&message.message)) {
      conceal(timeout->timeout);
    } else if (auto* branch = std::get_if<Branch>(&message.message)) {
      if (branch->certificate && hides(branch->certificate->view)) branch->certificate = nullptr;
    } else if (carries_hidden(message.message)) {
      return;
    }
    out.push_back(std::move(message));
  }

 private:
  /// Votes for blocks of these views come to this replica.
  bool hides(View certified) const {
    return certified > released_ && setup_.chain.leader(certified.next()) == setup_.self;
  }
  bool carries_hidden(const Message& message) const {
    if (const auto* proposal = std::get_if<Proposal>(&message)) {
      return hides(proposal->block->qc->view);
    }
    if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
      return hides(heartbeat->high_qc->view);
    }
    if (const auto* certificate = std::get_if<Certificate>(&message)) {
      const auto* qc = std::get_if<QcPtr>(&certificate->proof.proof);
      return qc != nullptr && hides((*qc)->view);
    }
    return false;
  }
  void conceal(Timeout& timeout) const {
    if (hides(timeout.tip.view)) timeout.tip_vote.reset();
    if (!hides(timeout.high_qc.view)) return;
    timeout.full_qc = nullptr;
    timeout.high_qc = lowest_;
  }
  void tell_a_few(Out& out) {
    const QcPtr& qc = memory_.high_qc();
    if (qc->view <= told_of_ || !hides(qc->view)) return;
    told_of_ = qc->view;
    hidden_.push_back(qc);
    std::uint64_t left = told_;
    for (const ReplicaId quiet : memory_.quietest_first()) {
      if (left-- == 0) break;
      out.push_back({quiet, Certificate{ViewProof{qc}}});
    }
  }
  void release(Out& out) {
    while (views_ > 0 && !hidden_.empty() &&
           memory_.view().value >= hidden_.front()->view.value + views_) {
      released_ = hidden_.front()->view;
      for (const ReplicaId to : memory_.quietest_first()) {
        out.push_back({to, Certificate{ViewProof{hidden_.front()}}});
      }
      hidden_.erase(hidden_.begin());
    }
    if (views_ == 0) hidden_.clear();
  }

  const AdversarySetup setup_;
  Memory memory_;
  const QcRef lowest_;  ///< Of the genesis.
  const std::uint64_t views_;
  const std::uint64_t told_;
  View told_of_;
  View released_;
  std::vector<QcPtr> hidden_;  ///< To be released, rising.
};

/// Leaves questions for blocks unanswered.
class WithheldBlocks final : public Adversary {
 public:
  WithheldBlocks(const AdversarySetup& setup, const Parameters& parameters)
      : rng_(setup.rng), share_(share_of(parameters, "share")) {}

  void tamper(Outgoing message, Out& out) override {
    if (std::holds_alternative<Branch>(message.message) && rng_.chance(share_)) return;
    out.push_back(std::move(message));
  }

 private:
  Random rng_;
  const Share share_;
};

}  // namespace

std::vector<AdversaryKind> certificate_kinds() {
  return {
      {"hidden_certificates",
       "collects votes and keeps the certificate",
       {count("views", "comes out with it so many views later; 0: never", 0, 0, 1000),
        count("told", "so many learn of it at once: those it heard of least lately", 0, 0, 255)},
       make<HiddenCertificates>},
      {"withheld_blocks",
       "does not answer who asks for blocks",
       {share("share", "of the questions", kWhole)},
       make<WithheldBlocks>},
  };
}

}  // namespace waggle::sim
