#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "smr/config/error.hpp"
#include "smr/median/parameters.hpp"

/// genesis.toml: what all replicas of a chain agree on. It is made once and never edited: its very
/// bytes are the identity of the chain, so a changed comment makes another chain.
///
///     [chain]      name, protocol = "pbeegees" or "median", digest = "sha256"
///     [limits]     payload_bytes_max, request_bytes_max, commands_max, command_bytes_max
///     [consensus]  depth_max, leader_schedule = "round-robin"; of pbeegees only
///     [median]     start_ms, round_ms, window_rounds, age_rounds, requests, replies; of median
///     only [clients]    allow = "any" or a list of public keys in hex, sessions_max
///     [[replica]]  consensus_key in hex; the first is replica 0
namespace waggle::config {

/// What servers of a median chain agree on besides (docs/spec/median-smr.md, 1 and 9).
struct MedianGenesis {
  median::Parameters parameters;  ///< Checked; n is the number of replicas.
  std::uint32_t round_ms = 0;     ///< Length of a round.
  std::uint64_t start_ms = 0;     ///< When round 0 begins, since 1970 UTC.
};

struct Genesis {
  std::string name;  ///< For people; what tells chains apart is chain->chain_id.
  std::shared_ptr<const ChainConfig> chain;  ///< Of a median chain without leaders.
  std::optional<MedianGenesis> median;       ///< protocol = "median".
};

/// H(domain::kChain, the bytes of the genesis file).
Digest chain_id_of(std::string_view genesis_text, const Hasher& hasher);

/// Reads and checks the file. All keys are required: defaults that change between versions would
/// make replicas of one chain disagree.
Loaded<Genesis> load_genesis(const std::string& file, const Hasher& hasher);
/// The same from text; `file` is only the name that errors carry.
Loaded<Genesis> parse_genesis(std::string_view text, const std::string& file, const Hasher& hasher);

}  // namespace waggle::config
