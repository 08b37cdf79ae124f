#include <gtest/gtest.h>

#include "consensus/core/domain.hpp"
#include "crypto/tls_binding.hpp"
#include "tests/support/frozen.hpp"
#include "tests/unit/core/sample_chain.hpp"

namespace waggle {
namespace {

constexpr const char* kFile = WAGGLE_SOURCE_DIR "/tests/data/encoding_vectors.txt";
constexpr const char* kHead =
    "# Frozen test vectors: the canonical encodings, hashes and signatures of consensus/core and "
    "of\n"
    "# the TLS binding, with real SHA-256 and Ed25519. A change here is a change of what is "
    "signed,\n"
    "# hashed or stored: it needs a new version of that format.\n"
    "# Made by tests/unit/core/encoding_vectors_test.cpp of the chain in sample_chain.cpp.\n"
    "# Rewrite: WAGGLE_REWRITE=1 build/tests/bin/test_core_vectors\n";

/// `name = hex` lines in the order of adding.
class VectorFile {
 public:
  void section(const std::string& title) { text_ += "\n# " + title + "\n"; }
  void add(const std::string& name, ByteView bytes) {
    text_ += name + " =" + (bytes.empty() ? "" : " ") + to_hex(bytes) + "\n";
  }
  template <class Tag, std::size_t N>
  void add(const std::string& name, const FixedBytes<Tag, N>& value) {
    add(name, value.view());
  }
  /// What encode() makes of a value.
  template <class T>
  void add_encoding(const std::string& name, const T& value) {
    Writer writer;
    encode(writer, value);
    add(name, writer.bytes());
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = kHead;
};

void add_keys(VectorFile& file, const SampleChain& chain) {
  file.section("Keys, and the chain id: the hash of a genesis file that reads `a genesis file`");
  for (std::uint8_t i = 0; i < SampleChain::kReplicas; ++i) {
    const std::string name = "replica_" + std::to_string(i);
    file.add(name + "_seed", seed_of(static_cast<std::uint8_t>(kReplicaSeed + i)));
    file.add(name + "_public_key", chain.replicas[i].public_key());
  }
  file.add("client_seed", seed_of(kClientSeed));
  file.add("client_public_key", chain.client.public_key());
  file.add("chain_id", chain.config.chain_id);
}

void add_requests(VectorFile& file, const SampleChain& chain) {
  file.section("Requests and payloads");
  const Payload& payload = *chain.block_a->payload;
  for (const RequestRef& request : payload.requests()) {
    file.add("request_" + std::to_string(request.first), request.in(*payload.bytes()));
  }
  file.add("payload", *payload.bytes());
  for (std::size_t i = 0; i < payload.leaves().size(); ++i) {
    file.add("payload_leaf_" + std::to_string(i), payload.leaves()[i]);
  }
  file.add("payload_root", payload.root());
  file.add("empty_payload_root", Payload::empty(chain.hasher)->root());
}

void add_forests(VectorFile& file, const SampleChain& chain) {
  file.section("Forests over 0 .. 9 leaves; leaf i is 32 times the byte i + 1");
  Forest forest;
  for (std::uint8_t count = 0;; ++count) {
    const std::string name = "forest_" + std::to_string(count);
    Writer writer;
    forest.encode(writer);
    file.add(name, writer.bytes());
    file.add(name + "_root", forest.root(chain.hasher));
    if (count == 9) break;
    forest.append(Digest{seed_of(static_cast<std::uint8_t>(count + 1))}, chain.hasher);
  }
}

void add_certificates(VectorFile& file, const SampleChain& chain) {
  const Digest& chain_id = chain.config.chain_id;
  const Block& a = *chain.block_a;
  file.section("Votes and quorum certificates");
  file.add("vote_bytes", vote_bytes(chain_id, a.view(), a.id));
  file.add("vote_signature_0", chain.vote(0, a.view(), a.id).signature);
  file.add_encoding("qc_ref", chain.qc_a->ref());
  file.add_encoding("qc", *chain.qc_a);
  file.add("qc_digest", qc_digest(*chain.qc_a, chain.hasher));
  file.add_encoding("genesis_qc", *chain.genesis->qc);
  file.add("genesis_qc_digest", qc_digest(*chain.genesis->qc, chain.hasher));

  file.section("Timeouts and timeout certificates");
  const Tip tip = chain.block_b->tip();
  file.add_encoding("tip", tip);
  file.add("timeout_bytes", timeout_bytes(chain_id, View{3}, tip));
  Timeout timeout = chain.timeout(1, View{3}, tip);
  timeout.high_qc = chain.qc_a->ref();
  file.add_encoding("timeout_with_tip_vote", timeout);
  timeout.full_qc = chain.qc_a;
  file.add_encoding("timeout_with_tip_vote_and_qc", timeout);
  timeout.tip_vote.reset();
  file.add_encoding("timeout_with_qc", timeout);
  timeout.full_qc.reset();
  file.add_encoding("timeout", timeout);
  file.add_encoding("tc", *chain.tc_3);
  file.add("tc_digest", tc_digest(*chain.tc_3, chain.hasher));
}

void add_block(VectorFile& file, const SampleChain& chain, const std::string& name,
               const Block& block) {
  file.add_encoding(name + "_header", block.header);
  file.add(name + "_id", block.id);
  file.add(name + "_proposal_bytes", proposal_bytes(chain.config.chain_id, block.id));
  file.add(name + "_without_payload", chain.encoded(block));
  file.add(name + "_payload", *block.payload->bytes());
}

std::string current_vectors() {
  const SampleChain& chain = sample_chain();
  VectorFile file;
  add_keys(file, chain);
  add_requests(file, chain);
  add_forests(file, chain);
  add_certificates(file, chain);
  file.section("Blocks: genesis, two in the fast form, one with a TC");
  add_block(file, chain, "genesis", *chain.genesis);
  add_block(file, chain, "block_a", *chain.block_a);
  add_block(file, chain, "block_b", *chain.block_b);
  add_block(file, chain, "block_c", *chain.block_c);
  file.section("TLS binding of replica 2");
  const auto tls = crypto::KeyPair::from_seed(seed_of(kTlsSeed));
  file.add("tls_seed", seed_of(kTlsSeed));
  file.add("tls_public_key", tls.public_key());
  file.add("tls_binding_bytes",
           crypto::tls_binding_bytes(chain.config.chain_id, ReplicaId{2}, tls.public_key()));
  file.add("tls_binding_signature",
           crypto::sign_tls_binding(chain.replicas[2], chain.config.chain_id, ReplicaId{2},
                                    tls.public_key()));
  return file.text();
}

TEST(EncodingVectors, AreAsFrozen) { expect_frozen(kFile, current_vectors()); }

TEST(EncodingVectors, TheSampleChainIsValid) {
  const SampleChain& chain = sample_chain();
  for (const BlockPtr& block : {chain.block_a, chain.block_b, chain.block_c}) {
    EXPECT_TRUE(chain.verify(*block).has_value()) << "view " << block->view().value;
  }
}

}  // namespace
}  // namespace waggle
