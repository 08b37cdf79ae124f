// Compares with tests/data/median_vectors.txt; WAGGLE_REWRITE=1 writes it anew.

#include <gtest/gtest.h>

#include "consensus/core/bytes.hpp"
#include "smr/certificate/sealed_proof.hpp"
#include "tests/support/frozen.hpp"
#include "tests/unit/median/samples.hpp"

namespace waggle::testing {
namespace {

constexpr const char* kFile = WAGGLE_SOURCE_DIR "/tests/data/median_vectors.txt";
constexpr const char* kHead =
    "# Frozen test vectors: what servers of the median rule sign, hash and send, with real "
    "SHA-256\n"
    "# and Ed25519. A change here is a change of the format and needs a new version of it.\n"
    "# Made by tests/unit/median/vectors_test.cpp of the messages in samples.cpp.\n"
    "# Rewrite: WAGGLE_REWRITE=1 build/tests/bin/test_median_vectors\n";

std::string current_vectors() {
  const MedianSamples samples(sim::Signatures::kEd25519);
  const Digest& chain_id = samples.chain.chain_id;
  std::string text = kHead;
  const auto add = [&text](std::string_view name, ByteView bytes) {
    text.append(name).append(" = ").append(to_hex(bytes)).append("\n");
  };
  add("chain_id", chain_id.view());
  for (std::uint32_t i = 0; i < MedianSamples::kServers; ++i) {
    add("server_" + std::to_string(i), samples.signer(i).public_key().view());
  }

  text += "\n# A client, its lane 3, and the command in it\n";
  const ClientId client = samples.client(0).public_key();
  const std::uint64_t number = median::lane_number(3, 12);
  add("client", client.view());
  add("lane_client", median::lane_client(client, 3, samples.hasher()).view());
  add("request", *samples.request(0, number));
  add("leaf", samples.name(0, number).digest->view());
  Writer writer;
  encode(writer, samples.name(0, number));
  add("named", writer.bytes());
  const Digest zero;
  const Digest one = extend_chain(zero, samples.name(0, number), samples.hasher());
  add("chain_of_it", one.view());
  const median::Named null = MedianSamples::null_name(samples.name(1, 8));
  add("chain_with_null", extend_chain(one, null, samples.hasher()).view());

  text += "\n# What is signed of the PRE and the COMMIT below, and every kind of message\n";
  const std::vector<median::Message> messages = samples.messages();
  for (const median::Message& message : messages) {
    if (const auto* pre = std::get_if<median::SignedPre>(&message)) {
      add("pre_message", median::pre_message(chain_id, median::head_of(*pre, samples.hasher())));
    } else if (const auto* commit = std::get_if<median::Commit>(&message)) {
      add("commit_message",
          certificate::commit_message(chain_id, commit->window, commit->length, commit->root));
    }
  }
  for (const median::Message& message : messages) add(kind_of(message), encode(message));
  return text;
}

TEST(MedianVectors, AreAsFrozen) { expect_frozen(kFile, current_vectors()); }

TEST(MedianVectors, TheSamplesAreValid) {
  const MedianSamples samples(sim::Signatures::kEd25519);
  for (const median::Message& message : samples.messages()) {
    EXPECT_EQ(samples.refusal_of(message, 2), std::nullopt) << kind_of(message);
  }
}

}  // namespace
}  // namespace waggle::testing
