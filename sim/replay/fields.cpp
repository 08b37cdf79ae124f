#include "sim/replay/fields.hpp"

#include <algorithm>
#include <charconv>

#include "smr/config/nearest.hpp"

namespace waggle::sim {

using nlohmann::json;

const json* LineFields::find(std::string_view key, bool required) {
  known_.push_back(key);
  const auto found = line_.find(key);
  if (found != line_.end()) return &*found;
  if (required) fail(key, "is missing");
  return nullptr;
}

std::uint64_t LineFields::number(std::string_view key, std::uint64_t max,
                                 std::optional<std::uint64_t> fallback) {
  const json* value = find(key, !fallback);
  if (value == nullptr) return fallback.value_or(0);
  const bool whole = value->is_number_unsigned();
  if (whole && value->get<std::uint64_t>() <= max) return value->get<std::uint64_t>();
  fail(key, "must be a whole number" +
                (max == ~std::uint64_t{0} ? "" : " from 0 to " + std::to_string(max)));
  return 0;
}

std::string LineFields::text(std::string_view key, bool required) {
  const json* value = find(key, required);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  fail(key, "must be text");
  return {};
}

std::optional<Digest> LineFields::block(std::string_view key) {
  const json* value = find(key, false);
  if (value == nullptr) return std::nullopt;
  constexpr std::size_t kBytes = 8;
  const auto* hex = value->get_ptr<const json::string_t*>();
  Digest digest;
  bool read = hex != nullptr && hex->size() == 2 * kBytes;
  for (std::size_t i = 0; read && i < kBytes; ++i) {
    const char* at = hex->data() + 2 * i;
    read = std::from_chars(at, at + 2, digest.bytes[i], 16).ptr == at + 2;
  }
  if (read) return digest;
  fail(key, "must be eight bytes in hex");
  return std::nullopt;
}

void LineFields::fail(std::string_view key, std::string message) {
  if (!problem_) problem_ = Problem{std::string(key), std::move(message)};
}

std::optional<LineFields::Problem> LineFields::finish() {
  if (problem_) return problem_;
  for (const auto& [key, value] : line_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string_view close = config::nearest(key, known_);
    return Problem{key,
                   "is no field of this line" +
                       (close.empty() ? "" : "; did you mean \"" + std::string(close) + "\"?")};
  }
  return std::nullopt;
}

}  // namespace waggle::sim
