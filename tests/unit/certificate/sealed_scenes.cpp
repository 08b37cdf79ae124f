#include "tests/unit/certificate/sealed_scenes.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::testing {

using certificate::Certificate;
using certificate::Doubt;
using certificate::Fault;
using certificate::SealedProof;
using certificate::SignedCommit;
using certificate::SignedSeal;

namespace {

constexpr std::uint64_t kWindow = 7;
constexpr std::size_t kClients = 3;
constexpr int kRounds = 5;

crypto::Ed25519Signer signer(std::uint8_t number) {
  std::array<std::uint8_t, crypto::kSeedSize> seed{};
  seed[0] = number;
  return crypto::Ed25519Signer(crypto::KeyPair::from_seed(seed));
}

/// One more of the first client, so that the trees merge once more than the others know of.
ChainWorld sixteen_commands(const Hasher& hasher) {
  ChainWorld world(kClients, hasher);
  for (std::size_t i = 0; i < kClients * kRounds + 1; ++i) {
    world.commit(i % kClients);
    world.acknowledge(i % kClients);
  }
  return world;
}

}  // namespace

std::string sealed_genesis() {
  std::string text = R"([chain]
name = "sealed"
protocol = "median"
digest = "sha256"

[limits]
payload_bytes_max = 1048576
request_bytes_max = 262144
commands_max = 1024
command_bytes_max = 65536

[median]
start_ms = 1750000000000
round_ms = 20
window_rounds = 16
age_rounds = 8
requests = 6
replies = 3

[clients]
allow = "any"
sessions_max = 1024
)";
  for (std::uint8_t i = 0; i < 4; ++i) {
    text += "[[replica]]\nconsensus_key = \"" + to_hex(signer(i).public_key().view()) + "\"\n";
  }
  return text;
}

SealedChain::SealedChain()
    : genesis_(*config::parse_genesis(sealed_genesis(), "genesis.toml", hasher_)),
      world_(sixteen_commands(hasher_)) {
  for (std::uint8_t i = 0; i < 4; ++i) servers_.push_back(signer(i));
}

SignedCommit SealedChain::commit(std::uint32_t server, std::uint64_t window,
                                 std::uint64_t length) const {
  const Digest root = world_.servers()[length].roots().root(hasher_);
  const Bytes message = certificate::commit_message(config().chain_id, window, length, root);
  return {ReplicaId{server}, length, root, servers_[server].sign(message)};
}

SignedSeal SealedChain::seal(const std::vector<std::uint64_t>& lengths) const {
  SignedSeal result{kWindow, {}};
  for (const std::uint64_t length : lengths) {
    const auto server = static_cast<std::uint32_t>(result.commits.size());
    result.commits.push_back(commit(server, kWindow, length));
  }
  return result;
}

/// From what the client holds, or, for its last commands, from what the server does.
Certificate SealedChain::certificate(std::size_t client, std::uint64_t number,
                                     std::uint64_t length) const {
  Certificate result = world_.certificate(client, number, length);
  const auto kept = world_.servers()[length].chain(ChainWorld::id(client), number);
  if (kept) result.links = kept->links;
  return result;
}

SealedProof SealedChain::proof(std::size_t client, std::uint64_t number,
                               const std::vector<std::uint64_t>& lengths) const {
  const std::uint64_t length = *std::min_element(lengths.begin(), lengths.end());
  auto result =
      certificate::make_sealed_proof(config().chain_id, certificate(client, number, length),
                                     world_.servers()[length].roots(), seal(lengths));
  ENSURE(result, "the chain reaches the root");
  return std::move(*result);
}

Result<certificate::Proven, Fault> SealedChain::verify(ByteView proof) const {
  return certificate::verify_proof(proof, config(), crypto::Ed25519Verifier(), hasher_);
}

std::vector<SealedScene> sealed_scenes(const SealedChain& chain) {
  std::vector<SealedScene> scenes;
  const auto add = [&scenes](const char* name, const char* about, Bytes proof,
                             std::optional<Fault> fault) {
    scenes.push_back({name, about, std::move(proof), fault});
  };
  const auto proven = [&](const char* name, const char* about, const SealedProof& proof) {
    add(name, about, encode(proof), std::nullopt);
  };
  const auto bent = [&](const char* name, const char* about, Fault fault, const auto& bend) {
    SealedProof proof = chain.proof(0, 2, {15, 15, 15});
    bend(proof);
    add(name, about, encode(proof), fault);
  };
  proven("first", "the first command, in the largest tree", chain.proof(0, 1, {15, 15, 15}));
  proven("newest", "the newest command, a tree of its own", chain.proof(2, 5, {15, 15, 15}));
  proven("one_tree", "a sequence that is one perfect tree", chain.proof(1, 2, {8, 8, 8}));
  proven("one_command", "a sequence of one command", chain.proof(0, 1, {1, 1, 1}));
  proven("longer_commits", "longer COMMITs count for the shortest",
         chain.proof(1, 1, {15, 11, 14}));
  proven("all_servers", "a seal may have more servers than it needs",
         chain.proof(2, 3, {15, 15, 15, 15}));

  Bytes bytes = encode(chain.proof(0, 2, {15, 15, 15}));
  bytes.push_back(0);
  add("trailing", "a byte left over", bytes, Fault::kMalformed);
  bytes.resize(bytes.size() - 2);
  add("cut", "a byte missing", bytes, Fault::kMalformed);
  bytes = encode(chain.proof(0, 2, {15, 15, 15}));
  bytes[14] ^= 1;
  add("version", "another tag", bytes, Fault::kVersion);

  bent("falling", "servers do not rise", Fault::kMalformed,
       [](SealedProof& p) { std::swap(p.seal.commits[0], p.seal.commits[1]); });
  bent("other_chain", "made for another genesis file", Fault::kWrongChain,
       [](SealedProof& p) { p.chain_id.bytes[0] ^= 1; });
  bent("half", "half of the servers is not enough", Fault::kTooFewServers,
       [](SealedProof& p) { p.seal.commits.pop_back(); });
  bent("nobody", "no seal", Fault::kTooFewServers, [](SealedProof& p) { p.seal.commits.clear(); });
  bent("twice", "one server twice", Fault::kServerTwice,
       [](SealedProof& p) { p.seal.commits[2] = p.seal.commits[1]; });
  bent("stranger", "a server that is not in the genesis file", Fault::kUnknownServer,
       [](SealedProof& p) { p.seal.commits[2].server = ReplicaId{4}; });
  bent("shorter", "a COMMIT is shorter than what is opened", Fault::kOtherLength,
       [&](SealedProof& p) { p.seal.commits[1] = chain.commit(1, kWindow, 14); });
  bent("longer", "all COMMITs are longer than what is opened", Fault::kOtherLength,
       [&](SealedProof& p) { p.path.count = 11, p.path.peaks.pop_back(); });
  bent("other_client", "another client's name", Fault::kNotIncluded,
       [](SealedProof& p) { p.client = ChainWorld::id(1); });
  bent("other_command", "another command", Fault::kNotIncluded,
       [](SealedProof& p) { p.command.back() ^= 1; });
  bent("other_position", "another place", Fault::kNotIncluded,
       [](SealedProof& p) { p.path.index ^= 1; });
  bent("other_root", "one COMMIT of this length is for another sequence", Fault::kNotIncluded,
       [](SealedProof& p) { p.seal.commits[1].root.bytes[0] ^= 1; });
  bent("other_window", "COMMITs of another window", Fault::kBadSignature,
       [](SealedProof& p) { ++p.seal.window; });
  bent("mixed_windows", "a COMMIT of another window among them", Fault::kBadSignature,
       [&](SealedProof& p) { p.seal.commits[2] = chain.commit(2, kWindow + 1, 15); });
  bent("forged", "signed by another server", Fault::kBadSignature,
       [](SealedProof& p) { p.seal.commits[2].signature = p.seal.commits[1].signature; });
  return scenes;
}

std::vector<CertificateScene> certificate_scenes(const SealedChain& chain) {
  std::vector<CertificateScene> scenes;
  const std::uint64_t length = chain.world().newest().count();
  const auto add = [&](const char* name, const char* about, std::size_t client,
                       std::uint64_t number, std::optional<Doubt> doubt, const auto& bend) {
    Certificate one = chain.world().certificate(client, number, length);
    bend(one);
    scenes.push_back({name, about, encode(one), doubt});
  };
  const auto as_it_is = [](Certificate&) {};
  add("to_the_root", "a chain up to the root", 0, 1, std::nullopt, as_it_is);
  add("by_window", "a chain that ends below the root, beside a stored one", 1, 1, std::nullopt,
      as_it_is);
  add("newest", "the newest command, without a link", 1, 5, std::nullopt, as_it_is);
  add("other_client", "another client's name", 0, 2, Doubt::kNotCommitted,
      [](Certificate& c) { c.client = ChainWorld::id(1); });
  add("other_position", "another place", 0, 2, Doubt::kNotCommitted,
      [](Certificate& c) { c.position ^= 1; });
  add("ahead", "a place beyond the sequence", 0, 2, Doubt::kAhead,
      [](Certificate& c) { c.position = 16; });
  add("truncated", "links that end too low", 0, 1, Doubt::kTooShort,
      [](Certificate& c) { c.links.resize(2); });
  add("extended", "a link more", 0, 1, Doubt::kSurplusLinks,
      [](Certificate& c) { c.links.push_back(c.links.back()); });
  add("other_link", "another link", 0, 1, Doubt::kNotCommitted,
      [](Certificate& c) { c.links.back().bytes[31] ^= 1; });
  add("stale", "what certified a command while it was the newest", 1, 1, Doubt::kTooShort,
      [](Certificate& c) { c.links.clear(); });
  return scenes;
}

}  // namespace waggle::testing
