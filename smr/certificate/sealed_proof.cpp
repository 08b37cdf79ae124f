#include "smr/certificate/sealed_proof.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"

namespace waggle::certificate {
namespace {

constexpr std::size_t kCommitSize =
    sizeof(std::uint32_t) + sizeof(std::uint64_t) + Digest::kSize + Signature::kSize;

void encode(Writer& writer, const SignedSeal& seal) {
  writer.u64(seal.window).u32(static_cast<std::uint32_t>(seal.commits.size()));
  for (const SignedCommit& commit : seal.commits) {
    writer.replica(commit.server).u64(commit.length).fixed(commit.root).fixed(commit.signature);
  }
}

SignedSeal decode_seal(Reader& reader) {
  SignedSeal seal;
  seal.window = reader.u64();
  seal.commits.resize(reader.count(kCommitSize));
  ReplicaId last;
  for (SignedCommit& commit : seal.commits) {
    commit.server = reader.replica();
    commit.length = reader.u64();
    commit.root = reader.fixed<Digest>();
    commit.signature = reader.fixed<Signature>();
    // A server twice is a fault with a name of its own, for verify() to find.
    if (commit.server < last) reader.fail();
    last = commit.server;
  }
  return seal;
}

}  // namespace

Bytes commit_message(const Digest& chain_id, std::uint64_t window, std::uint64_t length,
                     const Digest& root) {
  Writer writer = domain::begin(domain::kCommit, chain_id);
  writer.u64(window).u64(length).fixed(root);
  return writer.take();
}

std::optional<SealedProof> make_sealed_proof(const Digest& chain_id, const Certificate& certificate,
                                             const Forest& roots, const SignedSeal& seal) {
  if (certificate.position >= roots.count()) return std::nullopt;
  const Tree tree = tree_of(roots.count(), certificate.position);
  if (certificate.links.size() != tree.height) return std::nullopt;
  ForestPath path{roots.count(), certificate.position, certificate.links, roots.peaks()};
  path.peaks.erase(path.peaks.begin() + static_cast<std::ptrdiff_t>(tree.ordinal));
  return SealedProof{
      chain_id, certificate.client, certificate.number, certificate.command, std::move(path), seal};
}

Bytes encode(const SealedProof& proof) {
  Writer writer = domain::begin(domain::kSealedProof, proof.chain_id);
  writer.fixed(proof.client).u64(proof.number).sized(proof.command);
  encode(writer, proof.path);
  encode(writer, proof.seal);
  return writer.take();
}

Result<SealedProof, Refusal> decode_sealed_proof(ByteView bytes) {
  Reader reader(bytes);
  const ByteView tag = reader.raw(domain::kSealedProof.size());
  if (!std::equal(tag.begin(), tag.end(), domain::kSealedProof.begin(),
                  domain::kSealedProof.end())) {
    return Unexpected{Refusal::kUnsupportedVersion};
  }
  SealedProof proof;
  proof.chain_id = reader.fixed<Digest>();
  proof.client = reader.fixed<ClientId>();
  proof.number = reader.u64();
  const ByteView command = reader.sized();
  proof.command.assign(command.begin(), command.end());
  proof.path = decode_forest_path(reader);
  proof.seal = decode_seal(reader);
  if (!reader.done()) return Unexpected{Refusal::kMalformed};
  return proof;
}

}  // namespace waggle::certificate
