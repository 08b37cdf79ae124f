#include "smr/protocol/finding.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::smr {

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::kOk: return "ok";
    case Level::kWarn: return "warn";
    case Level::kBad: return "bad";
  }
  return "unknown";
}

Finding say(std::span<const Sentence> table, std::string_view code, Values values) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Sentence& one) { return one.code == code; });
  ENSURE(found != table.end(), "a sentence of the table");
  std::string text(found->text);
  for (const auto& [name, value] : values) {
    const std::string blank = "{" + std::string(name) + "}";
    for (auto at = text.find(blank); at != std::string::npos; at = text.find(blank, at)) {
      text.replace(at, blank.size(), value);
      at += value.size();
    }
  }
  return {found->level, std::string(code), std::move(text)};
}

std::string list(const std::vector<ReplicaId>& replicas) {
  constexpr std::size_t kShown = 8;
  const std::size_t shown = replicas.size() <= kShown ? replicas.size() : kShown - 1;
  const std::size_t more = replicas.size() - shown;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = more == 0 && i + 1 == shown;
    if (i > 0) text += last ? " and " : ", ";
    text += std::to_string(replicas[i].value);
  }
  if (more > 0) text += " and " + std::to_string(more) + " more";
  return text;
}

std::string size_text(std::uint64_t bytes) {
  static constexpr std::string_view kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 10 * 1024 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + " " + std::string(kUnits[unit]);
}

}  // namespace waggle::smr
