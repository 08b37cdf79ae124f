#include "smr/app/kv_store.hpp"

#include <string>

namespace waggle::app {
namespace {

bool too_large(ByteView key, ByteView value = {}) {
  return key.size() > KvStore::kKeyBytesMax || value.size() > KvStore::kValueBytesMax;
}

KvResult read(const KvGet& command, const StateView& state) {
  if (too_large(command.key)) return {KvStatus::kTooLarge};
  auto value = state.get(command.key);
  if (!value) return {KvStatus::kNotFound};
  return {KvStatus::kOk, std::move(value)};
}

KvResult read(const KvScan& command, const StateView& state) {
  if (too_large(command.prefix)) return {KvStatus::kTooLarge};
  const std::size_t limit = std::min(command.limit, KvStore::kScanPairsMax);
  std::optional<ByteView> start_after;
  if (command.start_after) start_after = *command.start_after;
  KvResult result;
  std::size_t bytes = 0;
  state.scan(command.prefix, start_after, [&](ByteView key, ByteView value) {
    bytes += key.size() + value.size();
    const bool fits = bytes <= KvStore::kScanBytesMax || result.entries.empty();
    if (result.entries.size() >= limit || !fits) {
      result.more = true;
      return false;
    }
    result.entries.push_back({Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end())});
    return true;
  });
  return result;
}

/// One command on the store.
struct Execution {
  StateStore& store;

  KvResult operator()(const KvGet& command) const { return read(command, store); }
  KvResult operator()(const KvScan& command) const { return read(command, store); }

  KvResult operator()(const KvPut& command) const {
    if (too_large(command.key, command.value)) return {KvStatus::kTooLarge};
    store.put(command.key, command.value);
    return {};
  }

  KvResult operator()(const KvDelete& command) const {
    if (too_large(command.key)) return {KvStatus::kTooLarge};
    return {store.erase(command.key) ? KvStatus::kOk : KvStatus::kNotFound};
  }

  KvResult operator()(const KvCas& command) const {
    if (too_large(command.key, command.value)) return {KvStatus::kTooLarge};
    auto current = store.get(command.key);
    if (current != command.expected) return {KvStatus::kMismatch, std::move(current)};
    store.put(command.key, command.value);
    return {};
  }

  KvResult operator()(const KvIncrement& command) const {
    if (too_large(command.key)) return {KvStatus::kTooLarge};
    const auto current = store.get(command.key);
    const auto number = current ? parse_decimal(*current) : std::int64_t{0};
    if (!number) return {KvStatus::kNotANumber};
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*number, command.delta, &sum)) return {KvStatus::kOverflow};
    Bytes text = to_bytes(std::to_string(sum));
    store.put(command.key, text);
    return {KvStatus::kOk, std::move(text)};
  }
};

}  // namespace

/// What changes anything has a short result.
Bytes KvStore::apply(const CommandContext& context, ByteView command, StateStore& store) const {
  const auto decoded = decode_kv_command(command);
  if (!decoded) return encode(KvResult{KvStatus::kMalformed});
  Bytes result = encode(std::visit(Execution{store}, *decoded));
  if (result.size() > context.result_bytes_max) return encode(KvResult{KvStatus::kNoRoom});
  return result;
}

Bytes KvStore::query(ByteView query, const StateView& state) const {
  const auto decoded = decode_kv_command(query);
  if (!decoded) return encode(KvResult{KvStatus::kMalformed});
  if (const auto* get = std::get_if<KvGet>(&*decoded)) return encode(read(*get, state));
  if (const auto* scan = std::get_if<KvScan>(&*decoded)) return encode(read(*scan, state));
  return encode(KvResult{KvStatus::kNotARead});
}

}  // namespace waggle::app
