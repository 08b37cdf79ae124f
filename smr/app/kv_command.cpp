#include "smr/app/kv_command.hpp"

#include <charconv>

#include "consensus/core/encoding.hpp"

namespace waggle::app {
namespace {

enum class Kind : std::uint8_t {
  kGet = 1,
  kPut = 2,
  kDelete = 3,
  kCas = 4,
  kIncrement = 5,
  kScan = 6,
};

Writer start(Kind kind, ByteView key) {
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(kind)).sized(key);
  return writer;
}

void write_optional(Writer& writer, const std::optional<Bytes>& bytes) {
  writer.u8(bytes ? 1 : 0);
  if (bytes) writer.sized(*bytes);
}

Bytes read_sized(Reader& reader) {
  const ByteView part = reader.sized();
  return {part.begin(), part.end()};
}

std::optional<Bytes> read_optional(Reader& reader) {
  if (!reader.flag()) return std::nullopt;
  return read_sized(reader);
}

struct Encoder {
  Bytes operator()(const KvGet& c) const { return start(Kind::kGet, c.key).take(); }
  Bytes operator()(const KvPut& c) const { return start(Kind::kPut, c.key).sized(c.value).take(); }
  Bytes operator()(const KvDelete& c) const { return start(Kind::kDelete, c.key).take(); }
  Bytes operator()(const KvCas& c) const {
    Writer writer = start(Kind::kCas, c.key);
    write_optional(writer, c.expected);
    return writer.sized(c.value).take();
  }
  Bytes operator()(const KvIncrement& c) const {
    return start(Kind::kIncrement, c.key).u64(static_cast<std::uint64_t>(c.delta)).take();
  }
  Bytes operator()(const KvScan& c) const {
    Writer writer = start(Kind::kScan, c.prefix);
    write_optional(writer, c.start_after);
    return writer.u32(c.limit).take();
  }
};

KvCommand read_command(Reader& reader) {
  const auto kind = static_cast<Kind>(reader.u8());
  Bytes key = read_sized(reader);
  switch (kind) {
    case Kind::kGet: return KvGet{std::move(key)};
    case Kind::kPut: return KvPut{std::move(key), read_sized(reader)};
    case Kind::kDelete: return KvDelete{std::move(key)};
    case Kind::kCas: {
      auto expected = read_optional(reader);
      return KvCas{std::move(key), std::move(expected), read_sized(reader)};
    }
    case Kind::kIncrement:
      return KvIncrement{std::move(key), static_cast<std::int64_t>(reader.u64())};
    case Kind::kScan: {
      auto start_after = read_optional(reader);
      return KvScan{std::move(key), std::move(start_after), reader.u32()};
    }
  }
  reader.fail();
  return {};
}

}  // namespace

std::string_view to_string(KvStatus status) noexcept {
  switch (status) {
    case KvStatus::kOk: return "ok";
    case KvStatus::kNotFound: return "not_found";
    case KvStatus::kMismatch: return "mismatch";
    case KvStatus::kNotANumber: return "not_a_number";
    case KvStatus::kOverflow: return "overflow";
    case KvStatus::kTooLarge: return "too_large";
    case KvStatus::kMalformed: return "malformed";
    case KvStatus::kNotARead: return "not_a_read";
    case KvStatus::kNoRoom: return "no_room";
  }
  return "unknown";
}

Bytes encode(const KvCommand& command) { return std::visit(Encoder{}, command); }

Bytes encode(const KvResult& result) {
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(result.status));
  write_optional(writer, result.value);
  writer.u32(static_cast<std::uint32_t>(result.entries.size()));
  for (const KvPair& pair : result.entries) writer.sized(pair.key).sized(pair.value);
  return writer.u8(result.more ? 1 : 0).take();
}

Result<KvCommand, Refusal> decode_kv_command(ByteView bytes) {
  Reader reader(bytes);
  KvCommand command = read_command(reader);
  if (!reader.done()) return Unexpected{Refusal::kMalformed};
  return command;
}

Result<KvResult, Refusal> decode_kv_result(ByteView bytes) {
  Reader reader(bytes);
  KvResult result;
  const std::uint8_t status = reader.u8();
  if (status >= kKvStatusCount) reader.fail();
  result.status = static_cast<KvStatus>(status);
  result.value = read_optional(reader);
  result.entries.resize(reader.count(2 * sizeof(std::uint32_t)));
  for (KvPair& pair : result.entries) {
    pair.key = read_sized(reader);
    pair.value = read_sized(reader);
  }
  result.more = reader.flag();
  if (!reader.done()) return Unexpected{Refusal::kMalformed};
  return result;
}

std::optional<std::int64_t> parse_decimal(ByteView text) noexcept {
  const std::string_view digits = as_text(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const bool minus = digits.front() == '-';
  if (digits[minus ? 1 : 0] == '0' && (minus || digits.size() > 1)) return std::nullopt;
  return number;
}

}  // namespace waggle::app
