#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consensus/core/chain_config.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::cli {

/// What one replica says of itself, or why it says nothing.
struct Answer {
  ReplicaId replica;
  std::optional<smr::Status> status;
  std::string why;                    ///< No status: the reason.
  std::string last_words;             ///< It ended by itself, and so says its log: "stopped ...".
  std::optional<Digest> other_chain;  ///< It answers, but for another chain: no status either.
  /// Its clock minus ours, and by how much that may be wrong: half the time that the answer took.
  std::chrono::milliseconds clock_ahead{0};
  std::chrono::milliseconds clock_error{0};
};

/// Clocks that are further apart are worth a word.
inline constexpr std::chrono::milliseconds kClockSkewMax{1000};

/// Replicas without which nothing is committed: a quorum, or of a median chain, which has no
/// leaders, a majority.
std::uint32_t needed(const ChainConfig& chain);

/// What no replica can see alone, from the answers of all that were asked, the most important
/// first; nothing when all is well. With answers of a moment before also who does not keep up.
/// Pure.
std::vector<smr::Finding> diagnose(const ChainConfig& chain, const std::vector<Answer>& answers,
                                   const std::vector<Answer>& before = {});

/// What the replicas say of themselves; who says the same is named in one sentence.
std::vector<smr::Finding> own_words(const std::vector<Answer>& answers);

/// All that diagnose() may say.
std::span<const smr::Sentence> cluster_sentences();

}  // namespace waggle::cli
