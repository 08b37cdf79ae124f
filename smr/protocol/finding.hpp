#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consensus/core/ids.hpp"

/// How a replica or a cluster is, in words.
namespace waggle::smr {

/// kBad: commands are not committed, or will soon not be. kWarn: they are, with less to spare.
enum class Level : std::uint8_t { kOk, kWarn, kBad };
/// "ok", "warn", "bad".
std::string_view to_string(Level level) noexcept;

/// One sentence about the here and now.
struct Finding {
  Level level{};
  std::string code;  ///< Which sentence it is, in snake_case: for programs.
  std::string text;  ///< For people: printable ASCII, below 256 characters.
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A sentence that may be said, as docs/operations.md lists it.
struct Sentence {
  std::string_view code;
  Level level;
  std::string_view text;    ///< {name} stands for what varies.
  std::string_view advice;  ///< What to do; empty when there is nothing to be done.
};

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;
/// Fills a sentence of the table in; the code must be in it.
Finding say(std::span<const Sentence> table, std::string_view code, Values values = {});

/// "2", "0, 2 and 3"; of more than eight the rest as a number.
std::string list(const std::vector<ReplicaId>& replicas);
/// Bytes in the unit that leaves at least two digits: "17 GiB", "2300 KiB".
std::string size_text(std::uint64_t bytes);

}  // namespace waggle::smr
