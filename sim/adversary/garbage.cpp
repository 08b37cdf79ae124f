// Messages that decode and are worth nothing: every check refuses some of them.
#include <algorithm>

#include "sim/adversary/author.hpp"
#include "sim/adversary/families.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

class Garbage final : public Adversary {
 public:
  enum class Kind : std::uint8_t { kAny, kSignature, kSender, kChain, kCertificate, kBlock, kSize };

  Garbage(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        author_(setup_),
        memory_(setup_),
        rng_(setup.rng),
        kind_(static_cast<Kind>(value_of(parameters, "kind"))),
        per_message_(count_of(parameters, "per_message")) {}

  void hear(ReplicaId from, const Message& message, Out&) override { memory_.note(from, message); }
  void tamper(Outgoing message, Out& out) override {
    memory_.note(setup_.self, message.message);
    const ReplicaId to = message.to;
    const bool answers = is_answer(message.message);
    out.push_back(std::move(message));
    if (answers) return;
    for (std::uint64_t i = 0; i < per_message_; ++i) out.push_back({to, some()});
  }

 private:
  Message some() {
    switch (kind_ == Kind::kAny ? static_cast<Kind>(1 + rng_.below(6)) : kind_) {
      case Kind::kSignature: return badly_signed();
      case Kind::kSender: return of_another();
      case Kind::kChain: return of_another_chain();
      case Kind::kCertificate: return bad_certificate();
      case Kind::kBlock: return Proposal{bad_block()};
      default: return of_bad_size();
    }
  }

  Signature random_signature() {
    Signature signature;
    for (std::uint8_t& byte : signature.bytes) byte = static_cast<std::uint8_t>(rng_.next());
    return signature;
  }
  ReplicaId another() {
    const std::uint64_t step = 1 + rng_.below(setup_.chain.n() - 1);
    return ReplicaId{static_cast<std::uint32_t>((setup_.self.value + step) % setup_.chain.n())};
  }
  Message badly_signed() {
    if (rng_.below(2) == 0) {
      Timeout timeout = author_.timeout(memory_.view(), author_.genesis()->tip());
      (rng_.below(2) == 0 ? timeout.signature : timeout.tip_vote.emplace()) = random_signature();
      return TimeoutMessage{timeout};
    }
    return Vote{memory_.view(), author_.random_digest(rng_), setup_.self, random_signature()};
  }
  /// Its own signature under another one's name, or a name that nobody has.
  Message of_another() {
    Vote vote = author_.vote(memory_.view(), author_.random_digest(rng_));
    vote.voter = rng_.below(2) == 0 ? another() : ReplicaId{setup_.chain.n()};
    return vote;
  }
  Message of_another_chain() {
    const Digest chain = author_.random_digest(rng_);
    Timeout timeout = author_.timeout(memory_.view(), author_.genesis()->tip());
    timeout.signature = setup_.signer.sign(timeout_bytes(chain, timeout.view, timeout.tip));
    return TimeoutMessage{timeout};
  }

  Message bad_certificate() {
    if (rng_.below(3) == 0) return Certificate{ViewProof{bad_tc()}};
    return Certificate{ViewProof{bad_qc()}};
  }
  /// A real one with a signer too few, a signer twice, for another block, or of another view.
  QcPtr bad_qc() {
    QuorumCert qc = *memory_.high_qc();
    const std::uint64_t how = rng_.below(4);
    if (how == 0 && !qc.signatures.empty()) {
      qc.signatures.pop_back();
    } else if (how == 1 && qc.signatures.size() > 1) {
      qc.signatures[1] = qc.signatures[0];
    } else if (how == 2) {
      qc.block = author_.random_digest(rng_);
    } else {
      qc.view = View{qc.view.value + 1 + rng_.below(5)};
    }
    return std::make_shared<const QuorumCert>(std::move(qc));
  }
  /// Of one timeout too few, or with somebody's signature made up.
  TcPtr bad_tc() {
    std::vector<Timeout> timeouts = memory_.timeouts(memory_.view());
    timeouts.push_back(author_.timeout(memory_.view(), author_.genesis()->tip()));
    const std::size_t quorum = setup_.chain.quorum();
    timeouts.resize(std::min(timeouts.size(), quorum - 1));
    if (rng_.below(2) == 0) {
      Timeout made_up = author_.timeout(memory_.view(), author_.genesis()->tip());
      const auto there = [&made_up](const Timeout& one) { return one.sender == made_up.sender; };
      for (std::uint32_t id = 0; timeouts.size() < quorum; ++id) {
        made_up.sender = ReplicaId{id};
        if (std::none_of(timeouts.begin(), timeouts.end(), there)) timeouts.push_back(made_up);
      }
    }
    return author_.tc(memory_.view(), std::move(timeouts));
  }

  /// Of a view that it leads or not, on a parent that there is or not.
  BlockPtr bad_block() {
    const QcPtr& qc = memory_.high_qc();
    View view = memory_.view();
    const std::uint64_t how = rng_.below(5);
    if (how > 0) {
      while (view.value > 1 && setup_.chain.leader(view) != setup_.self) view = view.previous();
    }
    const BlockPtr found = memory_.find(qc->block);
    const BlockPtr parent = found ? found : author_.genesis();
    Author::Draft draft{view, parent,  memory_.after(parent->id).value_or(Forest{}),
                        qc,   nullptr, nullptr};
    if (how == 1) draft.history.append(author_.random_digest(rng_), setup_.hasher);
    if (how == 2) draft.qc = bad_qc();
    if (how == 3) draft.tc = bad_tc();
    if (how == 4) {  // a parent that nobody has, of a height that is not its own
      Block nowhere = *parent;
      nowhere.id = author_.random_digest(rng_);
      nowhere.header.height = Height{nowhere.header.height.value + rng_.below(1000)};
      draft.parent = std::make_shared<const Block>(std::move(nowhere));
    }
    return author_.block(draft);
  }

  /// A branch of too many blocks, one whose blocks do not hang together, or a question for none.
  Message of_bad_size() {
    const std::uint64_t how = rng_.below(3);
    if (how == 0) return BranchRequest{author_.random_digest(rng_), Height{0}, 0};
    Branch branch{author_.random_digest(rng_), {}, nullptr};
    const std::size_t count = how == 1 ? kBranchBlocksMax + 1 : 2;
    branch.blocks.resize(count, {author_.genesis(), Forest{}});
    return branch;
  }

  const AdversarySetup setup_;
  const Author author_;
  Memory memory_;
  Random rng_;
  const Kind kind_;
  const std::uint64_t per_message_;
};

}  // namespace

AdversaryKind garbage_kind() {
  return {"garbage",
          "sends messages that decode and that every check refuses",
          {count("per_message", "so many with each of its core's", 1, 1, 100),
           word("kind", "what is wrong with them",
                {"any", "signature", "sender", "chain", "certificate", "block", "size"})},
          make<Garbage>};
}

}  // namespace waggle::sim
