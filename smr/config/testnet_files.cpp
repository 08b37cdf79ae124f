#include "smr/config/testnet_files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "smr/config/address.hpp"

namespace waggle::config {
namespace {

constexpr std::string_view kGenesis =
    R"(# What all replicas of this chain agree on. Public. Never edit it: the hash of this
# file's very bytes is the identity of the chain, so that even a changed comment makes another one.

[chain]
name = "{name}"              # for people
protocol = "{protocol}"
digest = "sha256"

[limits]                      # bytes unless said otherwise
{payload:<30}# commands of one block
{request:<30}# one signed request of a client
commands_max = 1024           # commands in one request
{command:<30}# one command

{rules}
[clients]
{allow}
sessions_max = {sessions} # beyond, the least recently used session is forgotten
)";

constexpr std::string_view kConsensus =
    R"([consensus]
leader_schedule = "round-robin"
depth_max = {depth}                 # uncertified blocks in a row that may carry payload
)";

constexpr std::string_view kMedian =
    R"([median]
# Round 0 begins here, in milliseconds since 1970 UTC; the number of every later round follows from
# a server's own clock. Keep the clocks of all servers together (NTP): one that is off by more than
# a round takes no part.
start_ms = {start}
# Length of a round. A message that does not arrive in its round counts as lost, so a round must be
# longer than the way between any two servers, processing and synced writes included.
round_ms = {round}
# B: so often a majority may seal what is in order. Shorter is faster, if the steps of a seal (PRE,
# COMMIT, each sent to all and synced before) fit, with room for repetition.
window_rounds = {window}
# T: rounds until an entry's place is taken to be settled. If that is too few for the load and the
# losses, servers propose different sequences and less is sealed at a time; never two different
# ones. `waggle-sim calibrate` measures what suffices.
age_rounds = {age}
# k and l: {asking}
requests = {k}
replies = {l}
)";

// Padded to where the comment begins. A client of the median rule has a session for each command
// that it has under way.
constexpr std::string_view kSessions = "1024          ";
constexpr std::string_view kLanes = "16384         ";

/// What k and l mean at this size.
constexpr std::string_view kAsksEveryone =
    "up to 32 servers every server asks all others in every round and uses every\n"
    "# reply; only the l replies that it needs to go on matter here.";
constexpr std::string_view kAsksSome =
    "in every round a server asks k servers, drawn at random, and goes on with l\n"
    "# of the replies. More cost more messages; (6, 3) is what the source measures.";

constexpr std::string_view kCluster =
    R"(# Where the replicas are reached, and their TLS keys. Public; for replicas and clients.
# tls_binding is a signature over tls_key by the replica's consensus key, which genesis.toml names.

chain = "{chain}"
)";

constexpr std::string_view kReplica =
    R"(# Settings of replica {id}. Paths are relative to this file.
# `waggled --config FILE --check-config` tells what is wrong with it.

genesis = "../genesis.toml"
cluster = "../cluster.toml"
replica = {id}
consensus_key_file = "consensus.key"
tls_key_file = "tls.key"
data_dir = "data"

# Where to listen, if not at the addresses in cluster.toml (behind NAT, or on all interfaces).
{unless_hosts}peer_listen = "0.0.0.0:{peer_port}"
{unless_hosts}client_listen = "0.0.0.0:{client_port}"

metrics_listen = "{metrics}"   # Prometheus; leave out for none
# verify_threads = 0                 # threads that check signatures; 0: one per core, at most 8

[log]
level = "info"                       # debug, info, warn, error
format = "logfmt"                    # logfmt, json
{tuning})";

constexpr std::string_view kTuning = R"(
# What follows are the defaults.
[pacemaker]
# view_timeout_ms = 400              # a view without a certificate is given up after this
# timeout_max_ms = 10000             # and after this at most, when many in a row failed
# grace_ms = 150                     # for a leader that failed to collect votes others hold
# unreachable_timeout_ms = 50        # for a leader to whom there is no connection
# per_suffix_block_ms = 2            # added for each uncertified block that must be validated
# heartbeat_ms = 500                 # sign of life when there is nothing to do
# fetch_retry_ms = 150               # before a missing block is asked for again
# rejoin_retry_ms = 600              # between challenges while rejoining

[mempool]                            # requests that wait for a block
# requests_max = 10000
# bytes_max = 67108864
# client_requests_max = 512          # of one client
# client_bytes_max = 4194304         # of one client
# forward_ms = 50                    # before a request that no block holds goes to other replicas
)";

/// Where others reach a replica, and which of the ports it has there.
struct Place {
  std::string host = "127.0.0.1";
  std::uint32_t slot = 0;
};

Place place_of(const TestnetOptions& options, std::uint32_t replica) {
  if (options.hosts.empty()) return {.slot = replica};
  return {.host = options.hosts[replica]};
}

std::string rules_text(const TestnetOptions& options) {
  if (!options.median) {
    const std::uint32_t faulty = (options.replicas - 1) / 3;
    return fmt::format(kConsensus, fmt::arg("depth", std::max<std::uint32_t>(faulty, 1)));
  }
  const median::Parameters& parameters = options.median->parameters;
  return fmt::format(kMedian, fmt::arg("start", options.median->start_ms),
                     fmt::arg("round", options.median->round_ms), fmt::arg("window", parameters.B),
                     fmt::arg("age", parameters.T),
                     fmt::arg("asking", parameters.asks_everyone() ? kAsksEveryone : kAsksSome),
                     fmt::arg("k", parameters.k), fmt::arg("l", parameters.l));
}

}  // namespace

std::string genesis_text(const TestnetOptions& options, std::span<const TestnetMember> members,
                         const PublicKey& client) {
  const std::string allow =
      options.open_clients
          ? "allow = \"any\"                 # who may submit: any key, or a list of keys in hex"
          : fmt::format("allow = [\"{}\"]", to_hex(client.view()));
  // The largest request and command that a block has room for, up to the usual ones.
  const Limits usual;
  const std::uint32_t request = std::min(usual.request_bytes_max, options.block_bytes_max / 2);
  const std::uint32_t command = std::min(usual.command_bytes_max, request / 2);
  const auto limit = [](const char* name, std::uint32_t bytes) {
    return fmt::format("{} = {}", name, bytes);
  };
  std::string text =
      fmt::format(kGenesis, fmt::arg("name", options.name),
                  fmt::arg("protocol", options.median ? "median" : "pbeegees"),
                  fmt::arg("payload", limit("payload_bytes_max", options.block_bytes_max)),
                  fmt::arg("request", limit("request_bytes_max", request)),
                  fmt::arg("command", limit("command_bytes_max", command)),
                  fmt::arg("rules", rules_text(options)), fmt::arg("allow", allow),
                  fmt::arg("sessions", options.median ? kLanes : kSessions));
  for (std::size_t i = 0; i < members.size(); ++i) {
    text += fmt::format("\n[[replica]]                   # {}\nconsensus_key = \"{}\"\n", i,
                        to_hex(members[i].consensus_key.view()));
  }
  return text;
}

std::string cluster_text(const TestnetOptions& options, const Digest& chain_id,
                         std::span<const TestnetMember> members) {
  const TestnetPorts ports{options.base_port};
  std::string text = fmt::format(kCluster, fmt::arg("chain", to_hex(chain_id.view())));
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    const Place place = place_of(options, i);
    text += fmt::format(
        "\n[[replica]]\nid = {}\npeer_address = \"{}\"\nclient_address = \"{}\"\n"
        "tls_key = \"{}\"\ntls_binding = \"{}\"\n",
        i, Address{place.host, ports.peer(place.slot)}.to_string(),
        Address{place.host, ports.client(place.slot)}.to_string(),
        to_hex(members[i].tls_key.view()), to_hex(members[i].tls_binding.view()));
  }
  return text;
}

std::string replica_text(const TestnetOptions& options, std::uint32_t replica) {
  const TestnetPorts ports{options.base_port};
  const bool here = options.hosts.empty();
  const std::uint32_t slot = place_of(options, replica).slot;
  const Address metrics{here ? "127.0.0.1" : "0.0.0.0", ports.metrics(slot)};
  return fmt::format(
      kReplica, fmt::arg("id", replica), fmt::arg("unless_hosts", here ? "# " : ""),
      fmt::arg("peer_port", ports.peer(slot)), fmt::arg("client_port", ports.client(slot)),
      fmt::arg("metrics", metrics.to_string()), fmt::arg("tuning", options.median ? "" : kTuning));
}

std::string fresh_marker_text() {
  return "This replica has never run on its chain. The file tells waggled so, which removes it "
         "when\n"
         "it has made its database. Never put it back: a replica that lost its data and starts as\n"
         "if it were new can vote twice. Such a replica starts with `waggled --rejoin`.\n";
}

}  // namespace waggle::config
