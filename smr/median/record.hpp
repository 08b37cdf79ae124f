#pragma once

#include <optional>
#include <span>
#include <vector>

#include "consensus/core/encoding.hpp"
#include "smr/median/messages.hpp"
#include "smr/median/sealing_record.hpp"

/// What a server writes, row by row (storage/FORMAT.md). A barrier writes only the rows that
/// changed; all of one barrier are written at once or not at all.
namespace waggle::median {

struct Row {
  Bytes key;
  std::optional<Bytes> value;  ///< Nothing: erased.
  friend bool operator==(const Row&, const Row&) = default;
};
using Rows = std::vector<Row>;

/// An entry of the final prefix whose command is still kept.
struct SealedEntry {
  std::uint64_t position = 0;
  Named entry;
  SharedBytes request;  ///< Null for null entries.
  bool applies = false;
};

/// Commands of the final prefix that are kept, counted from its end: what the host may not have
/// executed durably yet, and what others that are behind ask for.
inline constexpr std::size_t kSealedKept = 32'768;

/// The final prefix is written whole once so many entries are sealed since it last was; in between
/// only its seal is, since the kept entries lead from the one to the other.
inline constexpr std::uint64_t kFinalStep = 8'192;
static_assert(kFinalStep + kLogEntriesMax <= kSealedKept);

/// The final prefix that goes on from `base` by these entries.
FinalPtr extend_final(const FinalPrefix& base, std::span<const SealedEntry> entries, SealPtr seal,
                      const Hasher& hasher);

// Keys. A row's kind is its first byte, so that a scan brings the kinds in this order.
Bytes final_key();
Bytes lock_key();
Bytes pre_key();
Bytes commits_key();
Bytes rejoin_key();
Bytes certificate_key(Window window);
Bytes content_key(const Digest& leaf);
Bytes sealed_key(std::uint64_t position);
Bytes seal_key();

/// All that rows say. Handles belong to the table that they were read with.
struct RecoveredRows {
  SealingRecord sealing;
  std::vector<Content> contents;
  std::vector<SealedEntry> sealed;  ///< Positions rise by one; the last one ends the final prefix.
  std::uint64_t final_written = 0;  ///< Length of the final prefix that was written whole.
};

Bytes encode_final(const FinalPrefix& final);
Bytes encode_lock(const Lock& lock, const CommandTable& table);
Bytes encode_pre(const Pre& pre, const CommandTable& table);
Bytes encode_commits(const std::map<Window, Commit>& commits);
Bytes encode_seal(const Seal& seal);
Bytes encode_rejoin(Window window);
Bytes encode_certificate(const PreCertificate& certificate, const CommandTable& table);
Bytes encode_sealed(const SealedEntry& entry);

/// Reads rows, in the order of their keys. Refuses (kMalformed) what no server wrote, of this n.
Result<RecoveredRows, Refusal> decode_rows(const std::vector<Row>& rows, std::uint32_t n,
                                           const Limits& limits, const Hashing& hashing,
                                           CommandTable& table);

}  // namespace waggle::median
