#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"

/// What clients say to the key-value store and what it answers. Keys and values are any bytes.
/// Canonical encodings (consensus/core/encoding.hpp), frozen in tests/data/kv_vectors.txt:
///   get        1 u8 | key sized
///   put        2 u8 | key sized | value sized
///   delete     3 u8 | key sized
///   cas        4 u8 | key sized | expected: 0 u8, or 1 u8 and sized | value sized
///   increment  5 u8 | key sized | delta u64 (two's complement)
///   scan       6 u8 | prefix sized | start_after: 0 u8, or 1 u8 and sized | limit u32
///   result     status u8 | value: 0 u8, or 1 u8 and sized |
///              count u32, count x (key sized, value sized) | more u8
namespace waggle::app {

/// The value of a key. As a command it is linearizable; as a local query it may be stale.
struct KvGet {
  Bytes key;
  friend bool operator==(const KvGet&, const KvGet&) = default;
};
struct KvPut {
  Bytes key;
  Bytes value;
  friend bool operator==(const KvPut&, const KvPut&) = default;
};
struct KvDelete {
  Bytes key;
  friend bool operator==(const KvDelete&, const KvDelete&) = default;
};
/// Compare-and-swap: puts `value` if the key holds `expected`, or is absent when that is nothing.
struct KvCas {
  Bytes key;
  std::optional<Bytes> expected;
  Bytes value;
  friend bool operator==(const KvCas&, const KvCas&) = default;
};
/// Adds to a value that is a decimal number in the range of 64 bits with sign. Absent counts as 0.
struct KvIncrement {
  Bytes key;
  std::int64_t delta = 0;
  friend bool operator==(const KvIncrement&, const KvIncrement&) = default;
};
/// The pairs whose keys begin with `prefix`, in byte order, above `start_after` if given.
struct KvScan {
  Bytes prefix;
  std::optional<Bytes> start_after;
  std::uint32_t limit = 0;  ///< Pairs at most; the store has bounds of its own (kv_store.hpp).
  friend bool operator==(const KvScan&, const KvScan&) = default;
};

using KvCommand = std::variant<KvGet, KvPut, KvDelete, KvCas, KvIncrement, KvScan>;

/// Frozen: the numbers are on the wire and in stored results.
enum class KvStatus : std::uint8_t {
  kOk = 0,
  kNotFound = 1,    ///< get, delete: no such key.
  kMismatch = 2,    ///< cas: `value` tells what the key holds instead, if anything.
  kNotANumber = 3,  ///< increment: the value is not a canonical decimal number; unchanged.
  kOverflow = 4,    ///< increment: the sum does not fit; unchanged.
  kTooLarge = 5,    ///< A key or value above the limits of the store; unchanged.
  kMalformed = 6,   ///< Not the encoding of a command; unchanged.
  kNotARead = 7,    ///< A local query may only be get or scan.
  kNoRoom = 8,      ///< get, scan, cas: the block's results have no room for this one; unchanged.
};
inline constexpr std::uint8_t kKvStatusCount = 9;

/// In snake_case ("not_found").
std::string_view to_string(KvStatus status) noexcept;

struct KvPair {
  Bytes key;
  Bytes value;
  friend bool operator==(const KvPair&, const KvPair&) = default;
};

struct KvResult {
  KvStatus status = KvStatus::kOk;
  std::optional<Bytes> value;   ///< get: the value; increment: the sum; cas: see kMismatch.
  std::vector<KvPair> entries;  ///< scan.
  bool more = false;            ///< scan: there are further pairs above the last one.
  friend bool operator==(const KvResult&, const KvResult&) = default;
};

Bytes encode(const KvCommand& command);
Bytes encode(const KvResult& result);
/// Refuses (kMalformed) an unknown kind, bytes that are missing and bytes that are left over.
/// Checks no limits of the store.
Result<KvCommand, Refusal> decode_kv_command(ByteView bytes);
Result<KvResult, Refusal> decode_kv_result(ByteView bytes);

/// Reads a canonical decimal number: no plus, no leading zeros, no "-0", nothing around it.
std::optional<std::int64_t> parse_decimal(ByteView text) noexcept;

}  // namespace waggle::app
