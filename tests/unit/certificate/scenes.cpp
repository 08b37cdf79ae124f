#include "tests/unit/certificate/scenes.hpp"

namespace waggle::testing {
namespace {

using certificate::CommitProof;
using certificate::Fault;
using certificate::Inclusion;

/// Section 5.2 in full: Z (view 5) stands on Y by a TC that names Y's twin X too; both extend B1.
/// No two neighbours of this chain are a pair, so that every proof needs the tip list.
struct Twins : ProofChain {
  explicit Twins(bool x_extends_b1 = true) {
    b1 = fast(chain.genesis, {request(0, 1, {"before", "the twins"}), request(1, 1, {"too"})});
    const BlockPtr beside = fast(chain.genesis, {request(0, 9, {"beside b1"})});
    y = after_timeouts(3, b1, chain.genesis->qc, {b1->tip()}, {request(0, 3, {"in y"})});
    x = after_timeouts(3, x_extends_b1 ? b1 : beside, chain.genesis->qc, {b1->tip()},
                       {request(0, 4, {"in x"})});
    z = after_timeouts(5, y, qc(b1), {y->tip(), y->tip(), x->tip()});
    commit(b1);
    hold(b1, qc(b1));
    hold(beside);
    hold(y);
    hold(x);
    hold(z, qc(z));
  }
  BlockPtr b1, y, x, z;
};

/// A liar claims that B1 is of Y's view: 5.2 has nothing against it, and no header lies between.
CommitProof b1_claimed_higher() {
  ProofChain proofs;
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"a"})});
  const BlockPtr y = proofs.after_timeouts(3, b1, proofs.chain.genesis->qc, {b1->tip()});
  const Tip claim{y->view(), b1->id, y->header.qc.view};
  const BlockPtr z = proofs.after_timeouts(5, y, proofs.qc(b1), {y->tip(), y->tip(), claim});
  proofs.commit(b1);
  for (const BlockPtr& block : {b1, y}) proofs.hold(block);
  proofs.hold(z, proofs.qc(z));
  return proofs.prove(0, 1);
}

/// X lies two blocks above B1.
CommitProof far_twin() {
  ProofChain proofs;
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"a", "b"})});
  const BlockPtr x1 = proofs.fast(b1);
  const Tip t1 = b1->tip();
  const BlockPtr x = proofs.after_timeouts(4, x1, proofs.chain.genesis->qc, {x1->tip()});
  const BlockPtr y = proofs.after_timeouts(4, b1, proofs.chain.genesis->qc, {t1});
  const BlockPtr z = proofs.after_timeouts(6, y, proofs.qc(b1), {y->tip(), x->tip(), t1});
  proofs.commit(b1);
  for (const BlockPtr& block : {b1, x1, x, y}) proofs.hold(block);
  proofs.hold(z, proofs.qc(z));
  return proofs.prove(0, 2);
}

CommitProof plain() {
  ProofChain proofs;
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"a command"})});
  const BlockPtr b2 = proofs.fast(b1);
  proofs.commit(b1);
  proofs.hold(b1);
  proofs.hold(b2, proofs.qc(b2));
  return proofs.prove(0, 1);
}

CommitProof many_requests() {
  ProofChain proofs;
  const BlockPtr b1 = proofs.fast(
      proofs.chain.genesis,
      {proofs.request(0, 1, {"0", "1", "2"}), proofs.request(1, 1, {"3", "4", "5", "6", "7"}),
       proofs.request(2, 1, {"8"}), proofs.request(0, 4, {"9", ""}), proofs.request(2, 2, {"11"})});
  const BlockPtr b2 = proofs.fast(b1, {proofs.request(1, 6, {"later"})});
  const BlockPtr b3 = proofs.fast(b2);
  proofs.commit({b1, b2});
  proofs.hold(b2, proofs.qc(b2));
  proofs.hold(b3);
  return proofs.prove(0, 5);  // the empty one
}

/// `earlier` commands below the one to be proven, and above it so many blocks that nothing
/// certified: proven by the headers, or by the history.
CommitProof old_command(std::size_t above, std::size_t earlier) {
  ProofChain proofs;
  BlockPtr home = proofs.chain.genesis;
  if (earlier > 0) {
    home = proofs.fast(home, {proofs.request(1, 1, std::vector<std::string>(earlier, "earlier"))});
    proofs.commit(home);
  }
  home = proofs.fast(home, {proofs.request(0, 1, {"an old command"})});
  proofs.commit(home);
  BlockPtr top = home;
  for (std::size_t i = 0; i < above; ++i) {
    top = proofs.after_timeouts(top->view().value + 2, top, home->qc, {top->tip()},
                                {proofs.request(2, 1 + i, {"a later command"})});
    proofs.commit(top);
  }
  const BlockPtr b2 = proofs.fast(top);
  const BlockPtr b3 = proofs.fast(b2);
  proofs.commit({b2, b3});
  proofs.hold(b3);
  return proofs.prove(0, 1);
}

Scene scene(std::string name, std::string about, const CommitProof& proof,
            std::optional<Fault> fault = std::nullopt) {
  return {std::move(name), std::move(about), certificate::encode(proof), fault};
}

template <class Change>
CommitProof changed(CommitProof proof, Change change) {
  change(proof);
  return proof;
}

CommitProof of_another_chain() {
  ProofChain proofs(7);
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"elsewhere"})});
  const BlockPtr b2 = proofs.fast(b1);
  proofs.commit(b1);
  proofs.hold(b1);
  proofs.hold(b2, proofs.qc(b2));
  return proofs.prove(0, 1);
}

/// What a quorum of liars could sign: a proof whose certificate is real and whose block is not.
template <class Change>
CommitProof certified_anyway(Change change) {
  ProofChain proofs;
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, {proofs.request(0, 1, {"a command"})});
  const BlockPtr b2 = proofs.chain.changed(*proofs.fast(b1), change);
  CommitProof proof = plain();
  proof.headers = {b2->header, b1->header};
  proof.signatures = proofs.qc(b2)->signatures;
  return proof;
}

/// X stands beside B1: the commit of B1 is suspended, and a proof must not do without X's branch.
CommitProof suspended(bool with_branch) {
  const Twins twins(false);
  CommitProof proof = Twins().prove(0, 1);
  proof.headers = {twins.z->header, twins.y->header, twins.b1->header};
  proof.signatures = twins.qc(twins.z)->signatures;
  proof.tip_lists = {{twins.z->tc->tips, tc_signatures_digest(*twins.z->tc, twins.chain.hasher)}};
  proof.branches.clear();
  if (with_branch) proof.branches = {{twins.x->header}};
  return proof;
}

}  // namespace

std::vector<Scene> valid_scenes() {
  return {
      scene("consecutive", "B2's parent is B1, which holds the command", plain()),
      scene("many_requests", "an empty command in the fourth of six requests", many_requests()),
      scene("tip_list", "B1 and B2 lie apart: a TC with a twin of the parent, which extends B1",
            Twins().prove(1, 1)),
      scene("b1_claimed_higher", "a liar's tip says that B1 is of the view of B2's parent",
            b1_claimed_higher()),
      scene("far_twin", "the twin lies two blocks above B1", far_twin()),
      scene("headers_between", "B1 lies above the command's block, whose header is there too",
            old_command(1, 254)),
      scene("history", "the command lies far below B1: a path to its history root",
            old_command(9, 0)),
      scene("history_of_many", "the same above many other commands", old_command(12, 200)),
  };
}

std::vector<Scene> faulty_scenes() {
  const CommitProof good = plain();
  const CommitProof twins = Twins().prove(1, 1);
  std::vector<Scene> all;
  const auto add = [&all](std::string name, Fault fault, std::string about,
                          const CommitProof& proof) {
    all.push_back(scene(std::move(name), std::move(about), proof, fault));
  };
  const auto add_bytes = [&](std::string name, Fault fault, std::string about, Bytes proof) {
    all.push_back({std::move(name), std::move(about), std::move(proof), fault});
  };
  Bytes bytes = certificate::encode(good);
  bytes.push_back(0);
  add_bytes("trailing_byte", Fault::kMalformed, "one byte too many", bytes);
  bytes.resize(bytes.size() - 2);
  add_bytes("cut_off", Fault::kMalformed, "the last byte is missing", bytes);
  bytes = certificate::encode(good);
  bytes[13] = '2';
  add_bytes("other_version", Fault::kVersion, "the tag says waggle/proof/2", bytes);
  add_bytes("empty", Fault::kVersion, "nothing at all", {});
  add("wrong_chain", Fault::kWrongChain, "of a chain with another genesis file",
      of_another_chain());
  add("broken_chain", Fault::kBrokenChain, "the block between B2 and B1 is left out",
      changed(twins, [](CommitProof& p) { p.headers.erase(p.headers.begin() + 1); }));
  add("wrong_leader", Fault::kBadStructure, "B2 is not of its view's leader",
      certified_anyway([](Block& b) { b.header.proposer = ReplicaId{1}; }));
  add("wrong_height", Fault::kBadStructure, "B2 is not one above its parent",
      certified_anyway([](Block& b) { b.header.height = Height{3}; }));
  add("no_pair", Fault::kNoPair, "B1 is left out",
      changed(good, [](CommitProof& p) { p.headers.pop_back(); }));
  add("too_few_signers", Fault::kSigners, "two signatures where three are needed",
      changed(good, [](CommitProof& p) { p.signatures.pop_back(); }));
  add("duplicate_signer", Fault::kSigners, "one replica counted twice",
      changed(good, [](CommitProof& p) { p.signatures[1] = p.signatures[0]; }));
  add("unknown_signer", Fault::kSigners, "a replica that the genesis file does not list",
      changed(good, [](CommitProof& p) { p.signatures[2].signer = ReplicaId{4}; }));
  add("bad_signature", Fault::kBadSignature, "two replicas' signatures exchanged",
      changed(good, [](CommitProof& p) {
        std::swap(p.signatures[0].signature, p.signatures[1].signature);
      }));
  add("missing_tips", Fault::kMissingTips, "the TC of B2 is not opened",
      changed(twins, [](CommitProof& p) {
        p.tip_lists.clear();
        p.branches.clear();
      }));
  add("bad_tips", Fault::kBadTips, "the twin is left out of the tip list",
      changed(twins, [](CommitProof& p) {
        p.tip_lists[0].tips.pop_back();
        p.branches.clear();
      }));
  add("missing_branch", Fault::kOtherTip, "the twin is listed and not shown to extend B1",
      changed(twins, [](CommitProof& p) { p.branches.clear(); }));
  add("suspended", Fault::kOtherTip, "a certified pair that does not commit: the twin is not on B1",
      suspended(false));
  add("suspended_with_branch", Fault::kOtherTip, "the same, with the twin's header",
      suspended(true));
  add("superfluous_tips", Fault::kSuperfluous, "a tip list that no block asks for",
      changed(good, [&](CommitProof& p) { p.tip_lists = twins.tip_lists; }));
  add("superfluous_branch", Fault::kSuperfluous, "a branch that no tip asks for",
      changed(twins, [](CommitProof& p) { p.branches.push_back(p.branches.front()); }));
  add("other_command", Fault::kNotIncluded, "a command that was never ordered",
      changed(good, [](CommitProof& p) { p.command = to_bytes("another command"); }));
  add("other_number", Fault::kNotIncluded, "the command under another number",
      changed(good, [](CommitProof& p) { p.number = 2; }));
  add("other_root", Fault::kNotIncluded, "the path leads to the payload, not to the history",
      changed(good, [](CommitProof& p) { p.inclusion = Inclusion::kHistory; }));
  return all;
}

std::string scenes_genesis() { return ProofChain().genesis_text; }

}  // namespace waggle::testing
