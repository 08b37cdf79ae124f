#include "storage/log_check.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "consensus/core/encoding.hpp"

// The format, shared by RocksDB's manifest and its write-ahead log: blocks of 32 KiB, in them
// fragments of records: masked CRC-32C u32 | length u16 | type u8 | payload. The CRC covers type
// and payload. A fragment never crosses a block; fewer than 7 bytes at a block's end are padding.
// A record of the write-ahead log starts with: sequence number u64 | count u32.

namespace waggle::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockSize = 32 << 10;
constexpr std::size_t kHeaderSize = 7;
constexpr std::size_t kTypeOffset = 6;

enum Type : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

std::uint32_t crc_step(std::uint32_t crc, std::uint8_t byte) {
  return kCrcTable[(crc ^ byte) & 0xff] ^ (crc >> 8);
}

/// RocksDB stores CRCs rotated and offset.
std::uint32_t masked(std::uint32_t crc) {
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

bool crc_matches(std::uint32_t stored, ByteView type_and_payload) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : type_and_payload) crc = crc_step(crc, byte);
  return masked(crc) == stored;
}

/// Whether the CRC fits some shorter payload: then the length field was changed.
bool crc_matches_a_prefix(std::uint32_t stored, ByteView type_and_payload) {
  std::uint32_t crc = ~0U;
  return std::any_of(type_and_payload.begin(), type_and_payload.end(), [&](std::uint8_t byte) {
    crc = crc_step(crc, byte);
    return masked(crc) == stored;
  });
}

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Walks one log, fragment by fragment.
class LogWalk {
 public:
  explicit LogWalk(fs::path file) : file_(std::move(file)) {}

  Outcome<void> run() {
    std::ifstream in(file_, std::ios::binary);
    if (!in) return unreadable();
    Bytes block(kBlockSize);
    while (in) {
      in.read(reinterpret_cast<char*>(block.data()), static_cast<std::streamsize>(kBlockSize));
      const auto size = static_cast<std::size_t>(in.gcount());
      if (in.bad() || (size == 0 && !in.eof())) return unreadable();
      at_end_ = size < kBlockSize || in.peek() == std::ifstream::traits_type::eof();
      if (auto checked = check_block(ByteView{block}.first(size)); !checked) return checked;
      offset_ += size;
    }
    torn_ = torn_ || in_record_;
    return {};
  }

  /// The log ends in the middle of a record.
  bool torn() const noexcept { return torn_; }
  /// Of the write-ahead log: where it starts, and where its successor must go on.
  std::optional<std::uint64_t> sequence_first() const noexcept { return sequence_first_; }
  std::optional<std::uint64_t> sequence_next() const noexcept { return sequence_next_; }

 private:
  Outcome<void> unreadable() const {
    return Unexpected{StorageError{StorageError::Kind::kIo, file_.string() + ": cannot read"}};
  }
  Outcome<void> corrupt(std::size_t at, const std::string& what) const {
    return Unexpected{
        StorageError{StorageError::Kind::kCorrupt,
                     file_.string() + ": " + what + " at byte " + std::to_string(offset_ + at)}};
  }

  Outcome<void> check_block(ByteView block) {
    std::size_t at = 0;
    while (block.size() - at >= kHeaderSize) {
      const ByteView rest = block.subspan(at);
      if (zeros_ || all_zero(rest.first(kHeaderSize))) {
        if (!all_zero(rest)) return corrupt(at, "data behind a gap of zeros");
        zeros_ = true;
        return {};
      }
      auto size = check_fragment(rest, at);
      if (!size) return Unexpected{size.error()};
      if (*size == 0) return {};  // Torn.
      at += *size;
    }
    if (zeros_ && !all_zero(block.subspan(at))) return corrupt(at, "data behind a gap of zeros");
    if (at_end_ && block.size() < kBlockSize && at < block.size()) torn_ = true;
    return {};
  }

  /// The size of the fragment that `rest` starts with; zero when the log is torn there.
  Outcome<std::size_t> check_fragment(ByteView rest, std::size_t at) {
    Reader header(rest);
    const std::uint32_t crc = header.u32();
    const std::size_t size = kHeaderSize + header.integer<std::uint16_t>();
    const std::uint8_t type = header.u8();
    if (size > rest.size()) {
      if (!at_end_) return Unexpected{corrupt(at, "a record longer than its block").error()};
      if (crc_matches_a_prefix(crc, rest.subspan(kTypeOffset))) {
        return Unexpected{corrupt(at, "a wrong record length").error()};
      }
      torn_ = true;
      return std::size_t{0};
    }
    if (!crc_matches(crc, rest.first(size).subspan(kTypeOffset))) {
      return Unexpected{corrupt(at, "a record whose checksum does not match").error()};
    }
    const bool starts = type == kFull || type == kFirst;
    const bool continues = type == kMiddle || type == kLast;
    if ((starts && in_record_) || (continues && !in_record_)) {
      return Unexpected{corrupt(at, "a part of a record without the rest").error()};
    }
    if (starts) note_sequence(rest.first(size).subspan(kHeaderSize));
    in_record_ = type == kFirst || type == kMiddle;
    if (type == kFull || type == kLast) sequence_next_ = sequence_pending_;
    return size;
  }

  void note_sequence(ByteView payload) {
    Reader reader(payload);
    const std::uint64_t sequence = reader.u64();
    const std::uint32_t count = reader.u32();
    if (!reader.ok()) return;
    if (!sequence_first_) sequence_first_ = sequence;
    sequence_pending_ = sequence + count;
  }

  fs::path file_;
  std::size_t offset_ = 0;  ///< Of the current block in the file.
  bool at_end_ = false;     ///< The current block is the last.
  bool zeros_ = false;      ///< The rest of the file must be zeros.
  bool torn_ = false;
  bool in_record_ = false;
  std::optional<std::uint64_t> sequence_first_;
  std::optional<std::uint64_t> sequence_pending_;
  std::optional<std::uint64_t> sequence_next_;
};

Outcome<void> check_manifest(const fs::path& db) {
  std::ifstream in(db / "CURRENT");
  std::string name;
  if (!std::getline(in, name) || !name.starts_with("MANIFEST-") || !fs::exists(db / name)) {
    return Unexpected{StorageError{StorageError::Kind::kCorrupt,
                                   (db / "CURRENT").string() + " does not name a manifest"}};
  }
  return LogWalk(db / name).run();
}

std::map<std::uint64_t, fs::path> list_logs(const fs::path& db) {
  std::map<std::uint64_t, fs::path> logs;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(db, error)) {
    const std::string stem = entry.path().stem().string();
    const bool number = !stem.empty() && stem.size() <= 19 &&
                        stem.find_first_not_of("0123456789") == std::string::npos;
    if (number && entry.path().extension() == ".log") logs[std::stoull(stem)] = entry.path();
  }
  return logs;
}

}  // namespace

Outcome<void> check_logs(const fs::path& db) {
  if (auto checked = check_manifest(db); !checked) return checked;
  bool torn = false;
  std::optional<std::uint64_t> next;
  for (const auto& [number, file] : list_logs(db)) {
    LogWalk walk(file);
    if (auto checked = walk.run(); !checked) return checked;
    if (!walk.sequence_first() && !walk.torn()) continue;  // Nothing in it.
    // A log that a recovery has read to its torn end may lie there still: its successor then goes
    // on where it broke off.
    if (torn && walk.sequence_first() && walk.sequence_first() != next) {
      return Unexpected{StorageError{StorageError::Kind::kCorrupt,
                                     file.string() + ": writes before this log are missing"}};
    }
    torn = walk.torn();
    if (walk.sequence_next()) next = walk.sequence_next();
  }
  return {};
}

}  // namespace waggle::storage
