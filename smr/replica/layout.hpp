#pragma once

#include <optional>
#include <vector>

#include "consensus/chained/record.hpp"
#include "smr/replica/chain_index.hpp"
#include "smr/replica/execution.hpp"
#include "storage/storage.hpp"

/// What the host writes under which key (storage/FORMAT.md). Decoders return nothing on bytes
/// that the encoder did not write: the disk is corrupt.
namespace waggle::smr::layout {

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kUpgradingKey = "upgrading";
inline constexpr std::string_view kExecutedKey = "executed";
inline constexpr std::string_view kSessionsKey = "sessions";
inline constexpr std::string_view kRecordKey = "record";
inline constexpr std::string_view kHaltedKey = "halted";  ///< Of kEvidence: why it must not start.

Bytes encode(const Executed& executed);
std::optional<Executed> decode_executed(ByteView bytes);

/// Value of a committed height: the block's id and view, and the commands so far.
Bytes encode_committed(const Digest& block, View view, std::uint64_t ordered);
std::optional<CommittedRow> decode_committed(Height height, ByteView bytes);

/// Results of consecutive commands of a client, with the block that executed them.
struct StoredResults {
  View view;
  Height height;
  Digest block;
  std::vector<Bytes> results;  ///< At least one.
};
/// By the last number: the first row at or above a number is the only one that may hold it.
Bytes results_key(const ClientId& client, std::uint64_t last, std::uint32_t count);
Bytes encode(const StoredResults& results);
struct ResultsRow {
  std::uint64_t first = 0;  ///< Number of the first result.
  StoredResults stored;
};
std::optional<ResultsRow> decode_results(ByteView key, ByteView value);

/// A block is stored as u32 length | block without payload | forest before | payload.
void put_block(storage::Batch& batch, const chained::ChainedBlock& chained);
std::optional<chained::ChainedBlock> decode_block(ByteView value, const ChainConfig& config,
                                                  const Hasher& hasher);

/// The changes of one barrier.
storage::Batch to_batch(const chained::Record& record);
Bytes encode(const Equivocation& evidence);

}  // namespace waggle::smr::layout
