// Three honest replicas of four, a liar, and a network and clock without mercy, all directed by the
// input. The liar holds its own key and everything that was ever sent; what it makes passes
// validate() or is lost there. After every step the cores check their invariants; here: nobody
// halts, no two commit differently.
#include <map>

#include "sim/adversary/author.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/bench.hpp"

namespace waggle::fuzz {
namespace {

using namespace chained;
using testing::Bench;
using testing::Envelope;

constexpr std::uint32_t kHonest = 3;
constexpr std::uint32_t kLiar = 3;
constexpr std::size_t kMovesMax = 2000;

std::vector<std::uint32_t> schedule(Input& input) {
  std::vector<std::uint32_t> leaders(24);
  for (std::uint32_t& leader : leaders) leader = static_cast<std::uint32_t>(input.below(4));
  return leaders;
}

class Game {
 public:
  explicit Game(Input& input) : input_(input), chain_(4, schedule(input)), bench_(chain_) {
    learn(chain_.genesis);
    bench_.passes = [this](const Envelope& envelope) {
      overhear(envelope);
      return envelope.to != kLiar;
    };
    for (std::uint32_t id = 0; id < kHonest; ++id) bench_.start(id);
  }

  void move() {
    switch (input_.below(12)) {
      case 0: return fire();
      case 1: bench_.submit(honest(), std::to_string(++commands_)); return;
      case 2: bench_.connect(honest(), static_cast<std::uint32_t>(input_.below(4))); return;
      case 3: return bench_.restart(honest());
      case 4: return bench_.network().empty() ? void() : bench_.network().pop_front();
      case 5: return say(Vote{some_view(), some_block()->id, ReplicaId{kLiar}, {}});
      case 6: return say(TimeoutMessage{own_timeout(some_view())});
      case 7: return propose();
      case 8: return say(certificate());
      case 9: return tell_branch();
      case 10: return replay();
      default: return deliver();
    }
  }

  void check() const {
    ENSURE(!bench_.forked(), "two replicas committed different blocks");
    for (std::uint32_t id = 0; id < kHonest; ++id) {
      if (!bench_.halted(id).empty()) {
        ensure_failed("nobody halts", __FILE__, __LINE__, bench_.halted(id));
      }
    }
  }

 private:
  std::uint32_t honest() { return static_cast<std::uint32_t>(input_.below(kHonest)); }

  // What the liar knows.

  void overhear(const Envelope& envelope) {
    heard_.push_back(envelope);
    const Message& message = envelope.message;
    if (const auto* proposal = std::get_if<Proposal>(&message)) learn(proposal->block);
    if (const auto* vote = std::get_if<Vote>(&message)) {
      votes_[{vote->view, vote->block}][vote->voter] = vote->signature;
    }
    if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) {
      learn(timeout->timeout);
    }
  }
  void learn(const BlockPtr& block) {
    if (after_.contains(block->id)) return;
    const auto parent = after_.find(block->parent());
    Forest history = parent == after_.end() ? Forest{} : parent->second;
    before_.emplace(block->id, history);
    history.append(block->payload->leaves(), chain_.hasher);
    after_.emplace(block->id, std::move(history));
    blocks_.push_back(block);
    qcs_.push_back(block->qc);
  }
  void learn(const Timeout& timeout) {
    if (timeout.tip_vote) {
      votes_[{timeout.tip.view, timeout.tip.block}][timeout.sender] = *timeout.tip_vote;
    }
    timeouts_[timeout.view].insert_or_assign(timeout.sender, timeout);
  }

  // The newest are near, so that short inputs get somewhere.
  BlockPtr some_block() { return blocks_[blocks_.size() - 1 - input_.below(blocks_.size())]; }
  View some_view() {
    const std::uint64_t now = bench_.core(honest()).view().value;
    return View{now + 2 - std::min<std::uint64_t>(input_.below(6), now + 1)};
  }

  // What it makes of that.

  Timeout own_timeout(View view) {
    Timeout timeout = chain_.timeout(kLiar, view.value, some_block()->tip());
    if (input_.flag()) {
      timeout.tip_vote = chain_.vote_signature(kLiar, timeout.tip.view, timeout.tip.block);
    }
    return timeout;
  }
  /// A QC of what others signed and its own vote; or one that it has seen.
  QcPtr some_qc() {
    const BlockPtr block = some_block();
    QuorumCert qc{block->view(), block->id, {}};
    auto signatures = votes_[{qc.view, qc.block}];
    signatures[ReplicaId{kLiar}] = chain_.vote_signature(kLiar, qc.view, qc.block);
    for (const auto& [voter, signature] : signatures) {
      if (qc.signatures.size() < chain_.config.quorum())
        qc.signatures.push_back({voter, signature});
    }
    const bool enough = qc.signatures.size() == chain_.config.quorum() && qc.view > View{0};
    if (enough) qcs_.push_back(std::make_shared<const QuorumCert>(std::move(qc)));
    return enough ? qcs_.back() : qcs_[qcs_.size() - 1 - input_.below(qcs_.size())];
  }
  TcPtr some_tc(View view) {
    auto all = timeouts_[view];
    all.insert_or_assign(ReplicaId{kLiar}, own_timeout(view));
    std::vector<Timeout> chosen;
    for (const auto& [sender, timeout] : all) {
      const bool spare = all.size() > chain_.config.quorum() && chosen.size() < all.size() - 1;
      if (chosen.size() == chain_.config.quorum() || (spare && input_.flag())) continue;
      chosen.push_back(timeout);
    }
    return std::make_shared<const TimeoutCert>(make_timeout_cert(view, std::move(chosen)));
  }
  Certificate certificate() {
    switch (input_.below(3)) {
      case 0: return {{some_qc()}};
      case 1: return {{some_tc(some_view())}};
      default: {
        std::vector<Timeout> all;
        for (const auto& [sender, timeout] : timeouts_[some_view()]) all.push_back(timeout);
        return {{std::move(all)}};
      }
    }
  }
  void propose() {
    const BlockPtr parent = some_block();
    const std::uint8_t how = input_.byte();
    View view = some_view();
    while (chain_.config.leader(view) != ReplicaId{kLiar}) view = view.next();
    const TcPtr tc = (how & 1) != 0 ? some_tc(view.previous()) : nullptr;
    const QcPtr qc = (how & 2) != 0 ? parent->qc : some_qc();
    const PayloadPtr payload = chain_.payload((how & 4) != 0 ? std::vector<std::string>{"lie"}
                                                             : std::vector<std::string>{});
    BlockPtr made = author_.block({view, parent, after_.at(parent->id), qc, tc, payload});
    if ((how & 24) == 24) {
      made = chain_.changed(*made, [&](Block& block) {
        std::uint8_t& byte = block.header.history_root.bytes[0];
        if ((how & 32) != 0) byte ^= 1;
        if ((how & 64) != 0) block.header.height.value += 1;
        if ((how & 128) != 0) block.header.parent.bytes[0] ^= 1;
      });
    }
    learn(made);
    say(Proposal{made});
  }
  void tell_branch() {
    const BlockPtr wanted = some_block();
    Branch branch{wanted->id, {}, nullptr};
    const std::size_t count = input_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      const BlockPtr block = i + 1 == count ? wanted : some_block();
      branch.blocks.push_back({block, before_.at(block->id)});
    }
    say(branch);
  }

  // The network and the clock.

  void say(Message message) { tell(honest(), kLiar, chain_.signed_by(kLiar, std::move(message))); }
  void replay() {
    if (heard_.empty()) return;
    const Envelope& old = heard_[heard_.size() - 1 - input_.below(heard_.size())];
    if (std::holds_alternative<BranchRequest>(old.message)) return;
    tell(honest(), old.from, old.message);
  }
  void tell(std::uint32_t to, std::uint32_t from, Message message) {
    if (to == from || !chain_.validate(message, from)) return;
    bench_.deliver(to, from, std::move(message));
  }
  void deliver() {
    auto& network = bench_.network();
    if (network.empty()) return;
    std::swap(network[input_.below(std::min<std::size_t>(network.size(), 8))], network.front());
    bench_.run(1);
  }
  void fire() {
    const std::uint32_t id = honest();
    const TimerId timer{static_cast<std::uint32_t>(1 + input_.below(5))};
    if (bench_.timer_runs(id, timer)) bench_.fire(id, timer);
  }

  Input& input_;
  testing::Chain chain_;
  Bench bench_;
  const PacemakerConfig pacemaker_;
  const sim::AdversarySetup setup_{ReplicaId{kLiar},     chain_.config, chain_.hasher,
                                   chain_.signer(kLiar), pacemaker_,    sim::Random(1)};
  const sim::Author author_{setup_};
  int commands_ = 0;
  std::vector<Envelope> heard_;
  std::vector<BlockPtr> blocks_;
  std::vector<QcPtr> qcs_;
  std::map<Digest, Forest> before_;  ///< Over the commands of a block's ancestors ...
  std::map<Digest, Forest> after_;   ///< ... and its own.
  std::map<std::pair<View, Digest>, std::map<ReplicaId, Signature>> votes_;
  std::map<View, std::map<ReplicaId, Timeout>> timeouts_;
};

}  // namespace

void core_step(ByteView bytes) {
  Input input(bytes);
  Game game(input);
  for (std::size_t moves = 0; !input.empty() && moves < kMovesMax; ++moves) {
    game.move();
    game.check();
  }
}

}  // namespace waggle::fuzz
