#include "consensus/core/request.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/core/sample_values.hpp"

namespace waggle {
namespace {

constexpr std::uint64_t kLargest = ~std::uint64_t{0};

const SampleChain& chain() { return sample_chain(); }

Result<RequestRef, Refusal> parse(ByteView bytes, const Limits& limits = {}) {
  return parse_request(bytes, limits);
}
Result<PayloadPtr, Refusal> parse_payload(const Bytes& bytes, const Limits& limits = {}) {
  return Payload::parse(std::make_shared<const Bytes>(bytes), limits, chain().hasher);
}
Result<void, Refusal> verify(ByteView bytes, const ChainConfig& config = chain().config) {
  return verify_request(bytes, config, chain().verifier);
}

template <class Check>
void expect_refused(const Check& check, Refusal reason) {
  ASSERT_FALSE(check.has_value());
  EXPECT_EQ(to_string(check.error()), to_string(reason));
}

/// A request without a valid signature, but of the right layout when count fits the commands.
Bytes unsigned_request(std::uint64_t first, std::uint32_t count, std::uint32_t commands) {
  Writer writer;
  writer.fixed(chain().client.public_key()).u64(first).u32(count);
  for (std::uint32_t i = 0; i < commands; ++i) writer.sized({});
  return writer.fixed(Signature{}).take();
}

TEST(Request, ParsesToWhatWasMade) {
  EXPECT_TRUE(rc::check("make, parse", [](const std::vector<Bytes>& some, std::uint32_t number) {
    std::vector<Bytes> commands = some;
    commands.push_back(to_bytes("last"));
    const std::uint64_t first = std::uint64_t{number} + 1;
    const Bytes bytes = chain().request(first, commands);
    const auto request = parse(bytes);
    RC_ASSERT(request.has_value());
    RC_ASSERT(request->client == chain().client.public_key());
    RC_ASSERT((request->first == first && request->count == commands.size()));
    RC_ASSERT(request->last() == first + commands.size() - 1);
    RC_ASSERT((request->offset == 0U && request->size == bytes.size()));
    const auto parsed = commands_of(bytes);
    RC_ASSERT(parsed.size() == commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      RC_ASSERT(parsed[i].number == first + i);
      RC_ASSERT(Bytes(parsed[i].bytes.begin(), parsed[i].bytes.end()) == commands[i]);
    }
    RC_ASSERT(verify(bytes).has_value());
  }));
}

TEST(Request, KeepsWithinTheLimits) {
  Limits limits;
  limits.commands_max = 2;
  limits.command_bytes_max = 10;
  EXPECT_TRUE(parse(chain().request(1, {Bytes(10), Bytes(10)}), limits).has_value());
  expect_refused(parse(chain().request(1, {{}, {}, {}}), limits), Refusal::kTooLarge);
  expect_refused(parse(chain().request(1, {Bytes(11)}), limits), Refusal::kTooLarge);
  const Bytes bytes = chain().request(1, {Bytes(10)});
  limits.request_bytes_max = static_cast<std::uint32_t>(bytes.size());
  EXPECT_TRUE(parse(bytes, limits).has_value());
  limits.request_bytes_max -= 1;
  expect_refused(parse(bytes, limits), Refusal::kTooLarge);
}

TEST(Request, SaysWhichLimitItIsAboveAlsoOfItsBeginningAlone) {
  const Bytes bytes = chain().request(7, {Bytes(10), Bytes(30)});
  const RequestSize size = measure_request(bytes, bytes.size());
  EXPECT_EQ(size.bytes, bytes.size());
  EXPECT_EQ(size.commands, 2u);
  EXPECT_EQ(size.largest_command, 30u);
  Limits limits;
  EXPECT_EQ(excess(size, limits), "");
  limits.command_bytes_max = 29;
  EXPECT_EQ(excess(size, limits),
            "30 bytes in a command, and limits.command_bytes_max of the genesis file is 29");
  limits.commands_max = 1;
  EXPECT_EQ(excess(size, limits),
            "2 commands in a request, and limits.commands_max of the genesis file is 1");
  const ByteView head = ByteView(bytes).first(kRequestHeadSize);
  limits.request_bytes_max = 1000;
  EXPECT_EQ(excess(measure_request(head, 1001), limits),
            "1001 bytes in a request, and limits.request_bytes_max of the genesis file is 1000");
  EXPECT_EQ(peek_request(head).first, 7u);
  EXPECT_EQ(peek_request(head).count, 2u);
  EXPECT_EQ(peek_request(head.first(43)).first, 0u);
}

TEST(Request, NumbersStartAtOneAndDoNotOverflow) {
  expect_refused(parse(unsigned_request(0, 1, 1)), Refusal::kMalformed);
  EXPECT_TRUE(parse(unsigned_request(1, 1, 1)).has_value());
  EXPECT_TRUE(parse(unsigned_request(kLargest, 1, 1)).has_value());
  expect_refused(parse(unsigned_request(kLargest, 2, 2)), Refusal::kMalformed);
  expect_refused(parse(unsigned_request(kLargest - 1, 3, 3)), Refusal::kMalformed);
}

TEST(Request, HoldsAsManyCommandsAsItSays) {
  expect_refused(parse(unsigned_request(1, 0, 0)), Refusal::kMalformed);
  expect_refused(parse(unsigned_request(1, 2, 1)), Refusal::kMalformed);
  expect_refused(parse(unsigned_request(1, 1, 2)), Refusal::kMalformed);
  expect_refused(parse(unsigned_request(1, 0xffffffff, 1)), Refusal::kMalformed);
}

TEST(Request, RefusesEveryFlippedBit) {
  const Bytes bytes = chain().request(5, {to_bytes("put"), to_bytes("get")});
  ChainConfig open = chain().config;
  open.clients.clear();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const Bytes flipped = with_flipped_bit(bytes, bit);
    EXPECT_FALSE(parse(flipped) && verify(flipped, open)) << "bit " << bit;
  }
}

TEST(Request, IsOfOneChain) {
  ChainConfig other = chain().config;
  other.chain_id.bytes[31] ^= 1;
  expect_refused(verify(chain().request(1, {to_bytes("put")}), other), Refusal::kBadSignature);
}

TEST(Request, ComesFromAListedClient) {
  const Bytes bytes = chain().request(1, {to_bytes("put")});
  ChainConfig config = chain().config;
  config.clients = config.replica_keys;
  std::sort(config.clients.begin(), config.clients.end());
  expect_refused(verify(bytes, config), Refusal::kClientNotAllowed);
  config.clients.push_back(chain().client.public_key());
  std::sort(config.clients.begin(), config.clients.end());
  EXPECT_TRUE(verify(bytes, config).has_value());
  config.clients.clear();
  EXPECT_TRUE(verify(bytes, config).has_value());
}

TEST(CommandLeaf, DependsOnEveryPart) {
  const auto leaf = [](std::uint8_t client, std::uint64_t number, std::string_view command) {
    return command_leaf(ClientId{{client}}, number, as_bytes(command), chain().hasher);
  };
  EXPECT_EQ(leaf(1, 2, "x"), leaf(1, 2, "x"));
  EXPECT_NE(leaf(1, 2, "x"), leaf(2, 2, "x"));
  EXPECT_NE(leaf(1, 2, "x"), leaf(1, 3, "x"));
  EXPECT_NE(leaf(1, 2, "x"), leaf(1, 2, "y"));
  EXPECT_NE(leaf(1, 2, "x"), leaf(1, 2, "xx"));
  EXPECT_NE(leaf(1, 2, "x"), leaf(1, 2, ""));
}

TEST(Payload, HasALeafPerCommandInOrder) {
  const auto& payload = *chain().block_a->payload;
  ASSERT_EQ(payload.requests().size(), 2U);
  std::vector<Digest> leaves;
  for (const RequestRef& request : payload.requests()) {
    const ByteView bytes = request.in(*payload.bytes());
    EXPECT_TRUE(verify(bytes).has_value());
    for (const CommandRef& command : commands_of(bytes)) {
      leaves.push_back(command_leaf(request.client, command.number, command.bytes, chain().hasher));
    }
  }
  EXPECT_EQ(payload.leaves(), leaves);
  EXPECT_EQ(leaves.size(), 4U);
}

TEST(Payload, MayBeEmpty) {
  const PayloadPtr empty = Payload::empty(chain().hasher);
  EXPECT_TRUE(empty->is_empty());
  EXPECT_TRUE(empty->leaves().empty());
  EXPECT_EQ((*parse_payload({}))->root(), empty->root());
  EXPECT_FALSE(chain().block_a->payload->is_empty());
}

TEST(Payload, KeepsWithinTheLimits) {
  Bytes bytes;
  append_to_payload(bytes, chain().request(1, {to_bytes("put")}));
  Limits limits;
  limits.payload_bytes_max = static_cast<std::uint32_t>(bytes.size());
  EXPECT_TRUE(parse_payload(bytes, limits).has_value());
  limits.payload_bytes_max -= 1;
  expect_refused(parse_payload(bytes, limits), Refusal::kTooLarge);
}

TEST(Payload, RefusesBrokenRequests) {
  expect_refused(parse_payload({1}), Refusal::kBadPayload);
  expect_refused(parse_payload({1, 0, 0, 0}), Refusal::kBadPayload);
  expect_refused(parse_payload({0, 0, 0, 0}), Refusal::kMalformed);
  Bytes bytes;
  append_to_payload(bytes, unsigned_request(1, 2, 1));
  expect_refused(parse_payload(bytes), Refusal::kMalformed);
}

TEST(Payload, EveryFlippedBitChangesTheRootOrIsRefused) {
  const Payload& original = *chain().block_a->payload;
  for (std::size_t bit = 0; bit < original.bytes()->size() * 8; ++bit) {
    const auto payload = parse_payload(with_flipped_bit(*original.bytes(), bit));
    if (!payload || (*payload)->root() != original.root()) continue;
    // The root covers the commands; what is left are the signatures, which are verified.
    bool verified = true;
    for (const RequestRef& request : (*payload)->requests()) {
      verified = verified && verify(request.in(*(*payload)->bytes())).has_value();
    }
    EXPECT_FALSE(verified) << "bit " << bit;
  }
}

}  // namespace
}  // namespace waggle
