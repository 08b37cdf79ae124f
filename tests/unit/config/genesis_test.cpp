#include "smr/config/genesis.hpp"

#include "consensus/core/domain.hpp"
#include "net/peer_transport.hpp"
#include "tests/unit/config/samples.hpp"

namespace waggle::config {
namespace {

using samples::hex_key;
using samples::with;

const crypto::Sha256Hasher kHasher;

/// What the loader says of a genesis file.
std::string error_of(const std::string& text) {
  const auto loaded = parse_genesis(text, "genesis.toml", kHasher);
  return loaded ? "no error" : loaded.error().to_string();
}
std::string error_with(std::string_view from, std::string_view to) {
  return error_of(with(samples::genesis(), from, to));
}

TEST(Genesis, ReadsEveryKey) {
  const Genesis genesis = samples::parsed_genesis();
  const ChainConfig& chain = *genesis.chain;
  EXPECT_EQ(genesis.name, "sample");
  EXPECT_EQ(chain.n(), 4u);
  EXPECT_EQ(chain.key(ReplicaId{3}), samples::signer(3).public_key());
  EXPECT_EQ(chain.limits.payload_bytes_max, 1048576u);
  EXPECT_EQ(chain.limits.request_bytes_max, 262144u);
  EXPECT_EQ(chain.limits.commands_max, 1024u);
  EXPECT_EQ(chain.limits.command_bytes_max, 65536u);
  EXPECT_EQ(chain.depth_max, 1u);
  EXPECT_EQ(chain.leader(View{6}), ReplicaId{2});
  EXPECT_TRUE(chain.clients.empty());
  EXPECT_EQ(chain.sessions_max, 1024u);
}

TEST(Genesis, ChainIdIsTheHashOfTheBytesBehindTheTag) {
  const std::string text = samples::genesis();
  const Digest expected = kHasher.hash({domain::kChain, as_bytes(text)});
  EXPECT_EQ(samples::parsed_genesis().chain->chain_id, expected);
  const auto commented = parse_genesis(text + "# a comment\n", "genesis.toml", kHasher);
  EXPECT_NE(commented->chain->chain_id, expected);
}

TEST(Genesis, ListedClientsAreSorted) {
  const std::string list = "allow = [\"" + hex_key(9) + "\", \"" + hex_key(8) + "\"]";
  const auto genesis =
      parse_genesis(with(samples::genesis(), "allow = \"any\"", list), "g", kHasher);
  ASSERT_TRUE(genesis);
  ASSERT_EQ(genesis->chain->clients.size(), 2u);
  EXPECT_TRUE(std::is_sorted(genesis->chain->clients.begin(), genesis->chain->clients.end()));
}

TEST(Genesis, AMedianChainHasParametersAndNoLeaders) {
  const auto genesis = parse_genesis(samples::median_genesis(), "genesis.toml", kHasher);
  ASSERT_TRUE(genesis) << genesis.error().to_string();
  ASSERT_TRUE(genesis->median);
  EXPECT_EQ(genesis->median->start_ms, 1'750'000'000'000u);
  EXPECT_EQ(genesis->median->round_ms, 20u);
  EXPECT_EQ(genesis->median->parameters.n, 4u);
  EXPECT_EQ(genesis->median->parameters.B, 16u);
  EXPECT_EQ(genesis->median->parameters.T, 8u);
  EXPECT_EQ(genesis->median->parameters.k, 6u);
  EXPECT_EQ(genesis->median->parameters.l, 3u);
  EXPECT_EQ(genesis->chain->n(), 4u);
  EXPECT_EQ(genesis->chain->limits.command_bytes_max, 65536u);
  EXPECT_EQ(genesis->chain->leaders, nullptr);
  EXPECT_FALSE(samples::parsed_genesis().median);
}

std::string median_error_with(std::string_view from, std::string_view to) {
  return error_of(with(samples::median_genesis(), from, to));
}

TEST(GenesisError, MedianParametersOutOfRange) {
  EXPECT_EQ(median_error_with("round_ms = 20", "round_ms = 0"),
            "genesis.toml:13: median.round_ms: 0 is out of range, 1 .. 60000");
  EXPECT_EQ(median_error_with("window_rounds = 16", "window_rounds = 0"),
            "genesis.toml:14: median.window_rounds: 0 is out of range, 1 .. 1000000");
  EXPECT_EQ(median_error_with("age_rounds = 8", "age_rounds = 0"),
            "genesis.toml:15: median.age_rounds: 0 is out of range, 1 .. 1000000");
  EXPECT_EQ(median_error_with("requests = 6", "requests = 257"),
            "genesis.toml:16: median.requests: 257 is out of range, 1 .. 256");
  EXPECT_EQ(median_error_with("replies = 3\n", ""),
            "genesis.toml:12: median.replies: missing; add it");
}

TEST(GenesisError, MedianParametersThatDoNotFitTogether) {
  EXPECT_EQ(median_error_with("replies = 3", "replies = 4"),
            "genesis.toml:17: median.replies: l must be odd, and is 4");
  EXPECT_EQ(median_error_with("replies = 3", "replies = 1"),
            "genesis.toml:17: median.replies: l must be above 1, and is 1");
  EXPECT_EQ(median_error_with("requests = 6", "requests = 2"),
            "genesis.toml:16: median.requests: k must be at least l = 3, and is 2");
}

TEST(GenesisError, TheSectionOfTheOtherProtocol) {
  EXPECT_EQ(error_with("\"pbeegees\"", "\"median\""),
            "genesis.toml:12: consensus: is a section of the other protocol; this one has median");
  EXPECT_EQ(median_error_with("\"median\"", "\"pbeegees\""),
            "genesis.toml:12: median: is a section of the other protocol; this one has consensus");
  EXPECT_EQ(error_with("\"pbeegees\"", "\"raft\""),
            "genesis.toml:3: chain.protocol: \"raft\" is not one of: pbeegees, median");
}

TEST(GenesisError, SyntaxIsReportedWithItsLine) {
  const std::string message = error_with("name = \"sample\"", "name = \"sample");
  EXPECT_TRUE(message.starts_with("genesis.toml:2: ")) << message;
}

TEST(GenesisError, UnknownKeyNamesTheNearestValidOne) {
  EXPECT_EQ(error_with("digest =", "digst ="),
            "genesis.toml:4: chain.digst: unknown key; did you mean digest?");
}

TEST(GenesisError, UnknownKeyUnlikeAnyOtherListsAll) {
  EXPECT_EQ(error_with("digest = \"sha256\"", "digest = \"sha256\"\ncolour = \"red\""),
            "genesis.toml:5: chain.colour: unknown key; valid here: name, protocol, digest");
}

TEST(GenesisError, UnknownSection) {
  EXPECT_EQ(error_with("[limits]", "[limit]"),
            "genesis.toml:6: limit: unknown key; did you mean limits?");
}

TEST(GenesisError, MissingKeyIsNamedAtItsSection) {
  EXPECT_EQ(error_with("commands_max = 1024\n", ""),
            "genesis.toml:6: limits.commands_max: missing; add it");
}

TEST(GenesisError, MissingSection) {
  EXPECT_EQ(error_with("[clients]\nallow = \"any\"\nsessions_max = 1024\n", ""),
            "genesis.toml:1: clients: missing; add it");
}

TEST(GenesisError, WrongType) {
  EXPECT_EQ(error_with("commands_max = 1024", "commands_max = \"many\""),
            "genesis.toml:9: limits.commands_max: must be a whole number, 1 .. 65536");
  EXPECT_EQ(error_with("name = \"sample\"", "name = 7"),
            "genesis.toml:2: chain.name: must be text in quotes");
  EXPECT_EQ(error_with("commands_max = 1024", "commands_max = 1.5"),
            "genesis.toml:9: limits.commands_max: must be a whole number, 1 .. 65536");
}

TEST(GenesisError, OutOfRange) {
  EXPECT_EQ(error_with("commands_max = 1024", "commands_max = 0"),
            "genesis.toml:9: limits.commands_max: 0 is out of range, 1 .. 65536");
  EXPECT_EQ(error_with("payload_bytes_max = 1048576", "payload_bytes_max = 16777217"),
            "genesis.toml:7: limits.payload_bytes_max: 16777217 is out of range, 1024 .. 16777216");
}

// A queue that is full keeps three quarters of its bytes.
TEST(Genesis, TheLargestBlockFitsIntoWhatMayWaitForAPeer) {
  const std::string text =
      with(samples::genesis(), "payload_bytes_max = 1048576", "payload_bytes_max = 16777216");
  const auto genesis = parse_genesis(text, "genesis.toml", kHasher);
  ASSERT_TRUE(genesis);
  constexpr std::size_t kHeader = 4 << 20;  // as the daemon allows it
  EXPECT_LT(genesis->chain->limits.payload_bytes_max + kHeader,
            net::PeerLimits{}.queue_bytes_max / 4 * 3);
}

TEST(GenesisError, LimitsThatDoNotFitIntoEachOther) {
  EXPECT_EQ(error_with("request_bytes_max = 262144", "request_bytes_max = 1048576"),
            "genesis.toml:8: limits.request_bytes_max: 1048576 does not fit into a payload, at "
            "most 1048572");
  EXPECT_EQ(error_with("command_bytes_max = 65536", "command_bytes_max = 262144"),
            "genesis.toml:10: limits.command_bytes_max: 262144 does not fit into a request, at "
            "most 262032");
}

TEST(GenesisError, WordThatIsNoneOfTheChoices) {
  EXPECT_EQ(error_with("\"sha256\"", "\"md5\""),
            "genesis.toml:4: chain.digest: \"md5\" is not one of: sha256");
}

TEST(GenesisError, DepthBelowTheLongestFaultyRun) {
  std::string text = samples::genesis();
  for (std::uint8_t i = 4; i < 7; ++i) {
    text += "[[replica]]\nconsensus_key = \"" + hex_key(i) + "\"\n";
  }
  EXPECT_EQ(
      error_of(text),
      "genesis.toml:14: consensus.depth_max: 1 is below 2, the longest run of faulty leaders");
}

TEST(GenesisError, KeyThatIsNotHex) {
  EXPECT_EQ(error_with(hex_key(1), "abc"),
            "genesis.toml:22: replica[1].consensus_key: must be 64 hex digits (3 given)");
}

TEST(GenesisError, OneKeyForTwoReplicas) {
  EXPECT_EQ(error_with(hex_key(3), hex_key(1)),
            "genesis.toml:26: replica[3].consensus_key: is the key of replica 1 already");
}

TEST(GenesisError, NoReplicas) {
  const std::string text = samples::genesis();
  EXPECT_EQ(error_of(text.substr(0, text.find("[[replica]]"))),
            "genesis.toml:1: replica: must be one or more sections, [[replica]]");
}

TEST(GenesisError, ClientsThatAreNoKeys) {
  EXPECT_EQ(error_with("\"any\"", "\"all\""),
            "genesis.toml:17: clients.allow: \"all\" is not one of: any");
  EXPECT_EQ(error_with("\"any\"", "[]"),
            "genesis.toml:17: clients.allow: must be \"any\" or a list of at least one key");
  EXPECT_EQ(error_with("\"any\"", "[\"12\"]"),
            "genesis.toml:17: clients.allow: every entry must be 64 hex digits (2 given)");
  const std::string twice = "[\"" + hex_key(9) + "\", \"" + hex_key(9) + "\"]";
  EXPECT_TRUE(error_with("\"any\"", twice).ends_with(".. twice"));
}

TEST(GenesisError, FileThatCannotBeRead) {
  const auto loaded = load_genesis("/nonexistent/genesis.toml", kHasher);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().to_string(),
            "/nonexistent/genesis.toml: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace waggle::config
