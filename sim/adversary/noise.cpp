// Valid messages at the wrong time or in the wrong number.
#include <algorithm>

#include "sim/adversary/author.hpp"
#include "sim/adversary/families.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {
namespace {

using namespace chained;
using std::chrono::milliseconds;

/// Says again what it said long ago, and passes on what others said wherever the transport lets
/// it: certificates, heartbeats and branches name no sender.
class Replay final : public Adversary {
 public:
  Replay(const AdversarySetup& setup, const Parameters& parameters)
      : rng_(setup.rng),
        per_message_(count_of(parameters, "per_message")),
        kept_(count_of(parameters, "kept")),
        delay_(value_of(parameters, "delay")) {}

  void hear(ReplicaId, const Message& message, Out&) override {
    const bool anybodys = std::holds_alternative<Certificate>(message) ||
                          std::holds_alternative<Heartbeat>(message) ||
                          std::holds_alternative<Branch>(message);
    if (anybodys) keep(message);
  }
  void tamper(Outgoing message, Out& out) override {
    keep(message.message);
    const ReplicaId to = message.to;
    const bool answers = is_answer(message.message);
    out.push_back(std::move(message));
    if (answers) return;
    for (std::uint64_t i = 0; i < per_message_; ++i) {
      out.push_back({to, old_[rng_.below(old_.size())], rng_.between(Duration{0}, delay_)});
    }
  }

 private:
  /// A full store forgets any one, so that some are very old.
  void keep(const Message& message) {
    if (old_.size() < kept_) {
      old_.push_back(message);
    } else if (rng_.below(8) == 0) {
      old_[rng_.below(old_.size())] = message;
    }
  }

  Random rng_;
  const std::uint64_t per_message_;
  const std::size_t kept_;
  const Duration delay_;
  std::vector<Message> old_;
};

/// More than anybody needs: votes and timeouts of far views, many blocks of one view, questions.
class Flooding final : public Adversary {
 public:
  enum class Kind : std::uint8_t { kAny, kVotes, kTimeouts, kBlocks, kQuestions };

  Flooding(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        author_(setup_),
        memory_(setup_),
        rng_(setup.rng),
        kind_(static_cast<Kind>(value_of(parameters, "kind"))),
        per_message_(count_of(parameters, "per_message")),
        ahead_(count_of(parameters, "ahead")) {}

  void hear(ReplicaId from, const Message& message, Out&) override { memory_.note(from, message); }
  void tamper(Outgoing message, Out& out) override {
    memory_.note(setup_.self, message.message);
    const ReplicaId to = message.to;
    const auto* proposal = std::get_if<Proposal>(&message.message);
    if (proposal != nullptr) led_ = proposal->block;
    const bool answers = is_answer(message.message);
    out.push_back(std::move(message));
    if (answers) return;
    for (std::uint64_t i = 0; i < per_message_; ++i) out.push_back({to, one_more()});
  }

 private:
  Message one_more() {
    switch (kind_ == Kind::kAny ? static_cast<Kind>(1 + rng_.below(4)) : kind_) {
      case Kind::kVotes: return author_.vote(far_view(), author_.random_digest(rng_));
      case Kind::kTimeouts: return TimeoutMessage{author_.timeout(far_view(), some_tip())};
      case Kind::kBlocks: return Proposal{one_more_block()};
      default: return BranchRequest{memory_.high_qc()->block, Height{0}, kBranchBlocksMax};
    }
  }
  View far_view() { return View{memory_.view().value + rng_.below(ahead_ + 1)}; }
  Tip some_tip() const {
    const BlockPtr block = memory_.find(memory_.high_qc()->block);
    return block ? block->tip() : author_.genesis()->tip();
  }
  /// Of the view that it led last, or of one that it will lead; not of the view that the highest
  /// certificate enters, where it would be a good proposal.
  BlockPtr one_more_block() {
    const PayloadPtr payload = author_.copies(memory_.spare(), 1 + rng_.below(4));
    if (led_ && rng_.below(2) == 0) return author_.with_payload(*led_, payload);
    const QcPtr& qc = memory_.high_qc();
    View view = std::max(far_view(), qc->view.next().next());
    while (setup_.chain.leader(view) != setup_.self) view = view.next();
    const BlockPtr found = memory_.find(qc->block);
    const BlockPtr parent = found ? found : author_.genesis();
    return author_.block(
        {view, parent, memory_.after(parent->id).value_or(Forest{}), qc, nullptr, payload});
  }

  const AdversarySetup setup_;
  const Author author_;
  Memory memory_;
  Random rng_;
  const Kind kind_;
  const std::uint64_t per_message_;
  const std::uint64_t ahead_;
  BlockPtr led_;  ///< The last that its core proposed.
};

}  // namespace

std::vector<AdversaryKind> noise_kinds() {
  return {
      {"replay",
       "says old messages again, its own and what it may pass on",
       {count("per_message", "so many with each of its core's", 1, 1, 100),
        count("kept", "messages that it keeps for this", 64, 1, 10'000),
        duration("delay", "at most so long after the message", milliseconds(50),
                 std::chrono::hours(1))},
       make<Replay>},
      {"flooding",
       "sends many valid messages that nobody needs",
       {count("per_message", "so many with each of its core's", 2, 1, 1000),
        count("ahead", "of views up to so far ahead", 1000, 0, 1'000'000'000),
        word("kind", "votes, timeouts, blocks of its views, or questions for blocks",
             {"any", "votes", "timeouts", "blocks", "questions"})},
       make<Flooding>},
  };
}

}  // namespace waggle::sim
