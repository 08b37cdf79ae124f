#pragma once

#include <string>
#include <string_view>

#include "consensus/core/bytes.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "crypto/tls_binding.hpp"
#include "smr/config/address.hpp"
#include "smr/config/genesis.hpp"

/// Configuration texts that are right, for tests that make one thing wrong.
namespace waggle::config::samples {

inline crypto::Ed25519Signer signer(std::uint8_t number) {
  std::array<std::uint8_t, crypto::kSeedSize> seed{};
  seed[0] = number;
  return crypto::Ed25519Signer(crypto::KeyPair::from_seed(seed));
}
inline std::string hex_key(std::uint8_t number) {
  return to_hex(signer(number).public_key().view());
}

inline std::string genesis() {
  std::string text = R"([chain]
name = "sample"
protocol = "pbeegees"
digest = "sha256"

[limits]
payload_bytes_max = 1048576
request_bytes_max = 262144
commands_max = 1024
command_bytes_max = 65536

[consensus]
leader_schedule = "round-robin"
depth_max = 1

[clients]
allow = "any"
sessions_max = 1024
)";
  for (std::uint8_t i = 0; i < 4; ++i) {
    text += "[[replica]]\nconsensus_key = \"" + hex_key(i) + "\"\n";
  }
  return text;
}

/// Of a median chain with the same four replicas.
inline std::string median_genesis() {
  std::string text = genesis();
  const std::string_view consensus =
      "[consensus]\nleader_schedule = \"round-robin\"\ndepth_max = 1\n";
  text.replace(text.find(consensus), consensus.size(),
               "[median]\nround_ms = 20\nwindow_rounds = 16\nage_rounds = 8\nrequests = 6\n"
               "replies = 3\nstart_ms = 1750000000000\n");
  text.replace(text.find("pbeegees"), 8, "median");
  return text;
}

inline Genesis parsed_genesis() {
  return *parse_genesis(genesis(), "genesis.toml", crypto::Sha256Hasher());
}

/// Four lines per replica after the first one; replica N's tls_binding is on line 7 + 6 N.
inline std::string cluster(const ChainConfig& chain) {
  std::string text = "chain = \"" + to_hex(chain.chain_id.view()) + "\"\n";
  for (std::uint8_t i = 0; i < 4; ++i) {
    const PublicKey tls_key = signer(static_cast<std::uint8_t>(100 + i)).public_key();
    const Signature binding =
        crypto::sign_tls_binding(signer(i), chain.chain_id, ReplicaId{i}, tls_key);
    text += "[[replica]]\nid = " + std::to_string(i) + "\npeer_address = \"10.0.0." +
            std::to_string(i) + ":7400\"\nclient_address = \"replica" + std::to_string(i) +
            ".example:7401\"\ntls_key = \"" + to_hex(tls_key.view()) + "\"\ntls_binding = \"" +
            to_hex(binding.view()) + "\"\n";
  }
  return text;
}

inline std::string replica() {
  return R"(genesis = "../genesis.toml"
cluster = "/etc/waggle/cluster.toml"
replica = 2
consensus_key_file = "consensus.key"
tls_key_file = "tls.key"
data_dir = "data"
)";
}

/// The text with the one place that holds `from` changed.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

}  // namespace waggle::config::samples
