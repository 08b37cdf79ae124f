#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "consensus/core/bytes.hpp"
#include "smr/config/testnet.hpp"

/// The texts of a new network's files. Each comments on its own keys: they are the examples that
/// an operator starts from.
namespace waggle::config {

/// A replica's public half.
struct TestnetMember {
  PublicKey consensus_key;
  PublicKey tls_key;
  Signature tls_binding;
};

std::string genesis_text(const TestnetOptions& options, std::span<const TestnetMember> members,
                         const PublicKey& client);
std::string cluster_text(const TestnetOptions& options, const Digest& chain_id,
                         std::span<const TestnetMember> members);
std::string replica_text(const TestnetOptions& options, std::uint32_t replica);
std::string fresh_marker_text();

}  // namespace waggle::config
