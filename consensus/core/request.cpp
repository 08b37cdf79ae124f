#include "consensus/core/request.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"
#include "consensus/core/merkle.hpp"

namespace waggle {
namespace {

Bytes signed_part(const Digest& chain_id, ByteView unsigned_request) {
  return domain::begin(domain::kRequest, chain_id).raw(unsigned_request).take();
}

}  // namespace

Bytes make_request(const Digest& chain_id, const Signer& client, std::uint64_t first,
                   std::span<const Bytes> commands) {
  Writer writer;
  writer.fixed(client.public_key()).u64(first).u32(static_cast<std::uint32_t>(commands.size()));
  for (const Bytes& command : commands) writer.sized(command);
  writer.fixed(client.sign(signed_part(chain_id, writer.bytes())));
  return writer.take();
}

Result<RequestRef, Refusal> parse_request(ByteView bytes, const Limits& limits) {
  if (bytes.size() > limits.request_bytes_max) return Unexpected{Refusal::kTooLarge};
  Reader reader(bytes);
  RequestRef request;
  request.client = reader.fixed<ClientId>();
  request.first = reader.u64();
  request.count = reader.count(sizeof(std::uint32_t));
  request.size = static_cast<std::uint32_t>(bytes.size());
  if (request.count > limits.commands_max) return Unexpected{Refusal::kTooLarge};
  for (std::uint32_t i = 0; i < request.count && reader.ok(); ++i) {
    if (reader.sized().size() > limits.command_bytes_max) return Unexpected{Refusal::kTooLarge};
  }
  reader.raw(Signature::kSize);
  const bool numbers_ok =
      request.first >= 1 && request.count >= 1 && request.last() >= request.first;
  if (!reader.done() || !numbers_ok) return Unexpected{Refusal::kMalformed};
  return request;
}

RequestRef peek_request(ByteView head) {
  Reader reader(head);
  RequestRef request;
  request.client = reader.fixed<ClientId>();
  request.first = reader.u64();
  request.count = reader.u32();
  return reader.ok() ? request : RequestRef{};
}

RequestSize measure_request(ByteView head, std::uint64_t bytes) {
  RequestSize size{bytes, peek_request(head).count, 0};
  Reader reader(head);
  reader.raw(std::min(head.size(), kRequestHeadSize));
  for (std::uint64_t i = 0; i < size.commands && reader.remaining() >= sizeof(std::uint32_t); ++i) {
    const std::uint32_t command = reader.u32();
    size.largest_command = std::max<std::uint64_t>(size.largest_command, command);
    reader.raw(std::min<std::size_t>(command, reader.remaining()));
  }
  return size;
}

std::string excess(const RequestSize& size, const Limits& limits) {
  const auto above = [](std::uint64_t actual, const char* what, std::uint64_t limit,
                        const char* name) {
    return std::to_string(actual) + what + ", and limits." + name + " of the genesis file is " +
           std::to_string(limit);
  };
  if (size.bytes > limits.request_bytes_max) {
    return above(size.bytes, " bytes in a request", limits.request_bytes_max, "request_bytes_max");
  }
  if (size.commands > limits.commands_max) {
    return above(size.commands, " commands in a request", limits.commands_max, "commands_max");
  }
  if (size.largest_command > limits.command_bytes_max) {
    return above(size.largest_command, " bytes in a command", limits.command_bytes_max,
                 "command_bytes_max");
  }
  return {};
}

std::vector<CommandRef> commands_of(ByteView request) {
  Reader reader(request);
  reader.raw(ClientId::kSize);
  const std::uint64_t first = reader.u64();
  const std::uint32_t count = reader.u32();
  std::vector<CommandRef> commands;
  commands.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) commands.push_back({first + i, reader.sized()});
  ENSURE(reader.ok(), "commands_of needs a parsed request");
  return commands;
}

Result<void, Refusal> verify_request(ByteView request, const ChainConfig& config,
                                     const Verifier& verifier) {
  Reader reader(request);
  const auto client = reader.fixed<ClientId>();
  if (!config.clients.empty() &&
      !std::binary_search(config.clients.begin(), config.clients.end(), client)) {
    return Unexpected{Refusal::kClientNotAllowed};
  }
  const ByteView body = request.first(request.size() - Signature::kSize);
  const auto signature = Reader(request.last(Signature::kSize)).fixed<Signature>();
  if (!verifier.verify(client, signed_part(config.chain_id, body), signature)) {
    return Unexpected{Refusal::kBadSignature};
  }
  return {};
}

Digest command_leaf(const ClientId& client, std::uint64_t number, ByteView command,
                    const Hasher& hasher) {
  const Bytes head = Writer().u64(number).u32(static_cast<std::uint32_t>(command.size())).take();
  return hasher.hash({domain::kLeaf, client.view(), head, command});
}

PayloadPtr Payload::empty(const Hasher& hasher) {
  return *parse(std::make_shared<const Bytes>(), Limits{}, hasher);
}

Result<PayloadPtr, Refusal> Payload::parse(SharedBytes bytes, const Limits& limits,
                                           const Hasher& hasher) {
  if (bytes->size() > limits.payload_bytes_max) return Unexpected{Refusal::kTooLarge};
  auto payload = std::shared_ptr<Payload>(new Payload());
  Reader reader(*bytes);
  while (reader.remaining() > 0) {
    const ByteView raw = reader.sized();
    if (!reader.ok()) return Unexpected{Refusal::kBadPayload};
    auto request = parse_request(raw, limits);
    if (!request) return Unexpected{request.error()};
    request->offset = static_cast<std::uint32_t>(raw.data() - bytes->data());
    for (const CommandRef& command : commands_of(raw)) {
      payload->leaves_.push_back(
          command_leaf(request->client, command.number, command.bytes, hasher));
    }
    payload->requests_.push_back(*request);
  }
  Forest forest;
  forest.append(payload->leaves_, hasher);
  payload->root_ = forest.root(hasher);
  payload->bytes_ = std::move(bytes);
  return PayloadPtr(std::move(payload));
}

void append_to_payload(Bytes& payload, ByteView request) {
  const Bytes length = Writer().u32(static_cast<std::uint32_t>(request.size())).take();
  payload.insert(payload.end(), length.begin(), length.end());
  payload.insert(payload.end(), request.begin(), request.end());
}

}  // namespace waggle
