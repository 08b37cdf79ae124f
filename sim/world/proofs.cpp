// Commit proofs in a world: asked for from outside, so that the events stay as they are.
#include <algorithm>

#include "sim/world/world.hpp"
#include "smr/certificate/verify.hpp"
#include "smr/replica/prover.hpp"

namespace waggle::sim {

bool World::check_seal(const ClientId& client, std::uint64_t number, const app::KvCommand& command,
                       std::uint64_t position) {
  for (std::uint64_t i = 0; i < n(); ++i) {
    const MedianReplica& asked = median(ReplicaId{static_cast<std::uint32_t>((number + i) % n())});
    if (!asked.up()) continue;
    const median::FinalPrefix& final = *asked.host().server().final();
    if (final.length <= position || final.length > seals_->count()) continue;
    certificate::SealedProof proof;
    proof.chain_id = chain_.chain_id;
    proof.client = client;
    proof.number = number;
    proof.command = app::encode(command);
    proof.path = seals_->path(position, final.length);
    proof.seal.window = final.window();
    for (const median::Commit& commit : final.seal->commits()) {
      proof.seal.commits.push_back({commit.server, commit.length, commit.root, commit.signature});
    }
    std::sort(proof.seal.commits.begin(), proof.seal.commits.end(),
              [](const auto& a, const auto& b) { return a.server < b.server; });
    const auto proven =
        certificate::verify_proof(certificate::encode(proof), chain_, verifier(), hasher());
    if (proven) {
      judge_.on_seal_proof(asked.id(), std::get<certificate::ProvenSeal>(*proven));
    } else {
      fail("proof_soundness", "the seal of " + told(asked.id()) + " " + told(events_.now()) +
                                  " does not prove position " + std::to_string(position) + ": " +
                                  std::string(certificate::describe(proven.error())));
    }
    return true;
  }
  return false;
}

bool World::check_proof(const ClientId& client, std::uint64_t number) {
  if (options_.core != "pbeegees") return true;  // the others commit by other rules
  for (std::uint64_t i = 0; i < n(); ++i) {
    const ChainedReplica& asked =
        chained(ReplicaId{static_cast<std::uint32_t>((number + i) % n())});
    if (!asked.up() || !judge_.honest(asked.id())) continue;
    const smr::TreeBlocks tree = smr::tree_blocks(asked.host().core().tree());
    const auto answer = smr::Prover(asked.disk(), tree, chain_, hasher()).prove(client, number);
    if (!answer || !*answer) continue;
    const auto proven =
        certificate::verify(certificate::encode(**answer), chain_, verifier(), hasher());
    const std::string what = told(asked.id()) + " " + told(events_.now()) + ", command " +
                             std::to_string(number) + " of client " + short_hex(client);
    if (!proven) {
      fail("proof_soundness", "a proof does not hold: " + what + ": " +
                                  std::string(certificate::describe(proven.error())));
    } else if (proven->client != client || proven->number != number) {
      fail("proof_soundness", "a proof of another command: " + what);
    } else {
      judge_.on_proof(asked.id(), *proven);
    }
    return true;
  }
  return false;
}

namespace {

/// A proof of B1's first command with this node as B2, and nothing of what 5.2 asks for. Nothing if
/// B1 is not there or holds no command.
std::optional<certificate::CommitProof> bare_proof(const chained::BlockTree& tree,
                                                   const chained::Node& b2,
                                                   const ChainConfig& chain, const Hasher& hasher) {
  const chained::Node* b1 = tree.find(b2.block->qc->block);
  if (b1 == nullptr || b1->block->payload->is_empty() || !tree.extends(&b2, b1->id())) return {};
  const Payload& payload = *b1->block->payload;
  const RequestRef& request = payload.requests().front();
  const CommandRef command = commands_of(request.in(*payload.bytes())).front();
  certificate::CommitProof proof;
  proof.chain_id = chain.chain_id;
  proof.client = request.client;
  proof.number = command.number;
  proof.command.assign(command.bytes.begin(), command.bytes.end());
  proof.path = certificate::make_forest_path(payload.leaves(), 0, hasher);
  proof.signatures = b2.certificate->signatures;
  proof.signatures.resize(chain.quorum());
  for (const chained::Node* at = &b2; at != b1; at = at->parent) {
    proof.headers.push_back(at->block->header);
  }
  proof.headers.push_back(b1->block->header);
  return proof;
}

}  // namespace

void World::show_outsider(const ChainedReplica& replica) {
  if (options_.core != "pbeegees") return;
  const chained::BlockTree& tree = replica.host().core().tree();
  for (const auto& [id, node] : tree.nodes()) {
    if (!node->certified() || !node->connected()) continue;
    const auto proof = bare_proof(tree, *node, chain_, hasher());
    if (!proof) continue;
    const auto proven = certificate::verify(*proof, chain_, verifier(), hasher());
    if (proven) judge_.on_proof(replica.id(), *proven);
  }
}

/// When all is quiet somebody can prove the first, the last and a command between of each client.
void World::check_last_proofs() {
  if (!violations().empty() || options_.disk.blocks_kept > 0) return;
  if (runs_median()) {
    for (const auto& client : clients_) {
      if (client->check_last_seal()) continue;
      fail("proof_soundness", "nobody can prove the last command of client " +
                                  short_hex(client->id()) + "; " + summary());
    }
    return;
  }
  for (const auto& client : clients_) {
    const std::uint64_t last = client->acknowledged();
    if (!client->done() || last == 0) continue;
    for (const std::uint64_t number : {std::uint64_t{1}, last / 2 + 1, last}) {
      if (check_proof(client->id(), number)) continue;
      fail("proof_soundness", "nobody can prove command " + std::to_string(number) + " of client " +
                                  short_hex(client->id()) + "; " + summary());
    }
  }
}

}  // namespace waggle::sim
