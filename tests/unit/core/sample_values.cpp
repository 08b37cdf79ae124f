#include "tests/unit/core/sample_values.hpp"

#include <algorithm>

namespace waggle {
namespace {

const SampleChain& chain() { return sample_chain(); }

template <auto decode>
std::optional<Bytes> recode(ByteView bytes) {
  Reader reader(bytes);
  const auto value = decode(reader);
  if (!reader.done()) return std::nullopt;
  return encoding_of(value);
}

Bytes forest_encoding(const Forest& forest) {
  Writer writer;
  forest.encode(writer);
  return writer.take();
}

std::optional<Bytes> recode_forest(ByteView bytes) {
  Reader reader(bytes);
  const Forest forest = Forest::decode(reader);
  if (!reader.done()) return std::nullopt;
  return forest_encoding(forest);
}

/// Writes a request anew from what the parser says of it.
Bytes rewritten(const RequestRef& request, ByteView bytes) {
  const auto commands = commands_of(bytes);
  Writer writer;
  writer.fixed(request.client).u64(commands.front().number).u32(request.count);
  for (const CommandRef& command : commands) writer.sized(command.bytes);
  return writer.raw(bytes.last(Signature::kSize)).take();
}

std::optional<Bytes> recode_request(ByteView bytes) {
  const auto request = parse_request(bytes, chain().config.limits);
  if (!request) return std::nullopt;
  return rewritten(*request, bytes);
}

std::optional<Bytes> recode_payload(ByteView bytes) {
  const auto payload = Payload::parse(std::make_shared<const Bytes>(bytes.begin(), bytes.end()),
                                      chain().config.limits, chain().hasher);
  if (!payload) return std::nullopt;
  Bytes written;
  for (const RequestRef& request : (*payload)->requests()) {
    append_to_payload(written, rewritten(request, request.in(*(*payload)->bytes())));
  }
  return written;
}

/// With the payload of block_a, which the samples name.
std::optional<Bytes> recode_block(ByteView bytes) {
  const auto block = chain().decode(bytes, chain().block_a->payload->bytes());
  if (!block) return std::nullopt;
  return chain().encoded(**block);
}

}  // namespace

std::uint64_t Draw::up_to(std::uint64_t max) {
  return std::uniform_int_distribution<std::uint64_t>(0, max)(engine_);
}

std::uint64_t Draw::u64() {
  switch (up_to(7)) {
    case 0: return 0;
    case 1: return 1;
    case 2: return ~std::uint64_t{0};
    default: return engine_();
  }
}

Bytes Draw::bytes(std::size_t size_max) {
  Bytes made(up_to(size_max));
  for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(engine_());
  return made;
}

Tip Draw::tip() { return {View{u64()}, fixed<Digest>(), View{u64()}}; }

QcRef Draw::qc_ref() { return {View{u64()}, fixed<Digest>()}; }

QuorumCert Draw::qc() {
  QuorumCert made{View{u64()}, fixed<Digest>(), {}};
  for (std::uint64_t i = up_to(4); i > 0; --i) {
    made.signatures.push_back({ReplicaId{u32()}, fixed<Signature>()});
  }
  return made;
}

TimeoutCert Draw::tc() {
  TimeoutCert made;
  made.view = View{u64()};
  for (std::uint64_t i = up_to(2); i > 0; --i) made.tips.push_back(tip());
  for (std::uint64_t i = made.tips.empty() ? 0 : up_to(4); i > 0; --i) {
    const auto index = static_cast<std::uint32_t>(up_to(made.tips.size() - 1));
    made.entries.push_back({ReplicaId{u32()}, index, fixed<Signature>()});
  }
  return made;
}

Timeout Draw::timeout() {
  Timeout made;
  made.view = View{u64()};
  made.sender = ReplicaId{u32()};
  made.tip = tip();
  made.signature = fixed<Signature>();
  if (flag()) made.tip_vote = fixed<Signature>();
  made.high_qc = qc_ref();
  if (flag()) made.full_qc = std::make_shared<const QuorumCert>(qc());
  return made;
}

BlockHeader Draw::header() {
  BlockHeader made;
  made.view = View{u64()};
  made.height = Height{u64()};
  made.proposer = ReplicaId{u32()};
  made.parent = fixed<Digest>();
  made.qc = qc_ref();
  made.qc_digest = fixed<Digest>();
  if (flag()) made.tc_digest = fixed<Digest>();
  made.payload_root = fixed<Digest>();
  made.history_root = fixed<Digest>();
  return made;
}

Forest Draw::forest() {
  Forest made;
  for (std::uint64_t i = up_to(40); i > 0; --i) made.append(fixed<Digest>(), chain().hasher);
  return made;
}

Bytes Draw::request() {
  const auto count = static_cast<std::uint32_t>(1 + up_to(4));
  Writer writer;
  writer.fixed(fixed<ClientId>()).u64(std::clamp<std::uint64_t>(u64(), 1, ~count)).u32(count);
  for (std::uint32_t i = 0; i < count; ++i) writer.sized(bytes(20));
  return writer.fixed(fixed<Signature>()).take();
}

SharedBytes Draw::payload() {
  Bytes made;
  for (std::uint64_t i = up_to(3); i > 0; --i) append_to_payload(made, request());
  return std::make_shared<const Bytes>(std::move(made));
}

Block Draw::block() {
  Block made;
  made.payload = chain().block_a->payload;
  made.qc = std::make_shared<const QuorumCert>(qc());
  if (flag()) made.tc = std::make_shared<const TimeoutCert>(tc());
  made.signature = fixed<Signature>();
  made.header = header();
  made.header.qc = made.qc->ref();
  made.header.qc_digest = qc_digest(*made.qc, chain().hasher);
  made.header.tc_digest.reset();
  if (made.tc) made.header.tc_digest = tc_digest(*made.tc, chain().hasher);
  made.header.payload_root = made.payload->root();
  return made;
}

const std::vector<Codec>& codecs() {
  static const std::vector<Codec> all = {
      {"Tip", [](Draw& draw) { return encoding_of(draw.tip()); }, recode<decode_tip>},
      {"QcRef", [](Draw& draw) { return encoding_of(draw.qc_ref()); }, recode<decode_qc_ref>},
      {"QuorumCert", [](Draw& draw) { return encoding_of(draw.qc()); }, recode<decode_qc>},
      {"TimeoutCert", [](Draw& draw) { return encoding_of(draw.tc()); }, recode<decode_tc>},
      {"Timeout", [](Draw& draw) { return encoding_of(draw.timeout()); }, recode<decode_timeout>},
      {"Header", [](Draw& draw) { return encoding_of(draw.header()); }, recode<decode_header>},
      {"Forest", [](Draw& draw) { return forest_encoding(draw.forest()); }, recode_forest},
      {"Request", [](Draw& draw) { return draw.request(); }, recode_request},
      {"Payload", [](Draw& draw) { return *draw.payload(); }, recode_payload, true},
      {"Block", [](Draw& draw) { return chain().encoded(draw.block()); }, recode_block},
  };
  return all;
}

}  // namespace waggle
