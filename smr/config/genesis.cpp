#include "smr/config/genesis.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "consensus/core/domain.hpp"
#include "smr/config/section.hpp"

namespace waggle::config {
namespace {

constexpr std::int64_t kReplicasMax = 256;
// Client, first number, count, length of the one command, signature.
constexpr std::uint32_t kRequestOverhead = 32 + 8 + 4 + 4 + 64;
constexpr std::uint32_t kPayloadOverhead = 4;
// A block must fit into what may wait for one peer (net::PeerLimits::queue_bytes_max) beside
// everything else there.
constexpr std::int64_t kBytesMax = 16 << 20;

void read_limits(const Section& section, Limits& limits) {
  const auto size = [&](std::string_view key, std::int64_t min) {
    return section.integer<std::uint32_t>(key, {min, kBytesMax});
  };
  limits.payload_bytes_max = size("payload_bytes_max", 1024);
  limits.request_bytes_max = size("request_bytes_max", 256);
  limits.commands_max = section.integer<std::uint32_t>("commands_max", {1, 65536});
  limits.command_bytes_max = size("command_bytes_max", 16);
  if (limits.request_bytes_max + kPayloadOverhead > limits.payload_bytes_max) {
    section.fail("request_bytes_max",
                 fmt::format("{} does not fit into a payload, at most {}", limits.request_bytes_max,
                             limits.payload_bytes_max - kPayloadOverhead));
  }
  if (limits.command_bytes_max + kRequestOverhead > limits.request_bytes_max) {
    section.fail("command_bytes_max",
                 fmt::format("{} does not fit into a request, at most {}", limits.command_bytes_max,
                             limits.request_bytes_max - kRequestOverhead));
  }
}

void read_replicas(const Section& file, ChainConfig& chain) {
  for (const Section& replica : file.sections("replica", {"consensus_key"})) {
    const auto key = replica.hex<PublicKey>("consensus_key");
    const auto same = std::find(chain.replica_keys.begin(), chain.replica_keys.end(), key);
    if (same != chain.replica_keys.end()) {
      replica.fail("consensus_key", fmt::format("is the key of replica {} already",
                                                same - chain.replica_keys.begin()));
    }
    chain.replica_keys.push_back(key);
  }
  if (std::ssize(chain.replica_keys) > kReplicasMax) {
    file.fail("replica",
              fmt::format("{} replicas, at most {}", chain.replica_keys.size(), kReplicasMax));
  }
}

void read_clients(const Section& section, ChainConfig& chain) {
  chain.sessions_max = section.integer<std::uint32_t>("sessions_max", {1, 10'000'000});
  const Value* allow = section.find("allow");
  const auto* keys = allow == nullptr ? nullptr : std::get_if<std::vector<Value>>(&allow->data);
  if (keys == nullptr) {
    section.word("allow", {"any"});
    return;
  }
  if (keys->empty()) section.fail("allow", "must be \"any\" or a list of at least one key");
  for (const Value& item : *keys) {
    const auto* text = std::get_if<std::string>(&item.data);
    const auto key = fixed_from_hex<ClientId>(text == nullptr ? "" : *text);
    if (!key) {
      section.fail("allow",
                   "every entry " + Section::hex_message(ClientId::kSize, text ? text->size() : 0));
      return;
    }
    chain.clients.push_back(*key);
  }
  std::sort(chain.clients.begin(), chain.clients.end());
  const auto twice = std::adjacent_find(chain.clients.begin(), chain.clients.end());
  if (twice != chain.clients.end()) {
    section.fail("allow", fmt::format("names the key {}.. twice", short_hex(*twice)));
  }
}

void read_consensus(const Section& section, ChainConfig& chain) {
  section.word("leader_schedule", {"round-robin"});
  chain.depth_max = section.integer<std::uint32_t>("depth_max", {1, 1024});
  if (chain.replica_keys.empty()) return;
  auto leaders = std::make_shared<RoundRobin>(chain.n());
  const std::uint32_t run = leaders->longest_faulty_run(chain.f());
  if (chain.depth_max < run) {
    section.fail("depth_max", fmt::format("{} is below {}, the longest run of faulty leaders",
                                          chain.depth_max, run));
  }
  chain.leaders = std::move(leaders);
}

/// The parameter with this letter, by its key.
std::string_view key_of(std::string_view parameter) {
  if (parameter == "B") return "window_rounds";
  if (parameter == "T") return "age_rounds";
  return parameter == "k" ? "requests" : "replies";
}

MedianGenesis read_median(const Section& section, const ChainConfig& chain) {
  constexpr Range kRounds{1, 1'000'000};
  constexpr Range kServers{1, kReplicasMax};
  constexpr Range kTime{0, 253'402'300'799'999};  // up to the end of the year 9999
  MedianGenesis genesis;
  genesis.start_ms = section.integer<std::uint64_t>("start_ms", kTime);
  genesis.round_ms = section.integer<std::uint32_t>("round_ms", {1, 60'000});
  median::Parameters& parameters = genesis.parameters;
  parameters.n = chain.n();
  parameters.B = section.integer<std::uint32_t>("window_rounds", kRounds);
  parameters.T = section.integer<std::uint32_t>("age_rounds", kRounds);
  parameters.k = section.integer<std::uint32_t>("requests", kServers);
  parameters.l = section.integer<std::uint32_t>("replies", kServers);
  const auto checked = median::check(parameters);
  if (!checked) section.fail(key_of(checked.error().parameter), checked.error().message);
  return genesis;
}

}  // namespace

Digest chain_id_of(std::string_view genesis_text, const Hasher& hasher) {
  return hasher.hash({domain::kChain, as_bytes(genesis_text)});
}

Loaded<Genesis> load_genesis(const std::string& file, const Hasher& hasher) {
  const auto text = read_file(file);
  if (!text) return Unexpected{text.error()};
  return parse_genesis(*text, file, hasher);
}

Loaded<Genesis> parse_genesis(std::string_view text, const std::string& file,
                              const Hasher& hasher) {
  const auto table = parse_toml(text, file);
  if (!table) return Unexpected{table.error()};
  Diagnosis diagnosis(file);
  const Section root(*table, "", {"chain", "limits", "consensus", "median", "clients", "replica"},
                     diagnosis);

  Genesis genesis;
  auto chain = std::make_shared<ChainConfig>();
  chain->chain_id = chain_id_of(text, hasher);
  const Section about = root.section("chain", {"name", "protocol", "digest"});
  genesis.name = about.text("name");
  const bool is_median = about.word("protocol", {"pbeegees", "median"}) == "median";
  about.word("digest", {"sha256"});
  read_limits(root.section("limits", {"payload_bytes_max", "request_bytes_max", "commands_max",
                                      "command_bytes_max"}),
              chain->limits);
  const std::string_view own = is_median ? "median" : "consensus";
  const std::string_view other = is_median ? "consensus" : "median";
  if (root.has(other)) {
    root.fail(other, fmt::format("is a section of the other protocol; this one has {}", own));
  }
  const Section rules = root.section(
      own, is_median ? std::vector<std::string_view>{"start_ms", "round_ms", "window_rounds",
                                                     "age_rounds", "requests", "replies"}
                     : std::vector<std::string_view>{"depth_max", "leader_schedule"});
  const Section clients = root.section("clients", {"allow", "sessions_max"});
  read_replicas(root, *chain);
  if (is_median) {
    genesis.median = read_median(rules, *chain);
  } else {
    read_consensus(rules, *chain);
  }
  read_clients(clients, *chain);
  genesis.chain = std::move(chain);
  return diagnosis.finish(std::move(genesis));
}

}  // namespace waggle::config
