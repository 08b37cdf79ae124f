#include "sim/scenario/units.hpp"

#include <array>
#include <span>
#include <vector>

namespace waggle::sim {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// A decimal number with up to six places, in millionths, and what stands behind it.
struct Number {
  std::uint64_t millionths;
  std::string_view rest;
};

std::optional<Number> read_number(std::string_view text) {
  constexpr std::uint64_t kWholeMax = 1'000'000'000'000;
  constexpr std::uint64_t kMillion = 1'000'000;
  std::uint64_t whole = 0;
  std::uint64_t part = 0;
  std::uint64_t place = kMillion;
  std::size_t at = 0;
  const auto digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  for (; digit(); ++at) {
    whole = whole * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (whole > kWholeMax) return std::nullopt;
  }
  if (at == 0) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    const std::size_t point = at++;
    for (; digit() && place > 1; ++at) {
      place /= 10;
      part += static_cast<std::uint64_t>(text[at] - '0') * place;
    }
    if (at == point + 1) return std::nullopt;
  }
  return Number{whole * kMillion + part, text.substr(at)};
}

/// The quantity in the smallest unit; fractions of that are cut off.
std::optional<std::uint64_t> read_quantity(std::string_view text, std::span<const Unit> units,
                                           std::uint64_t max) {
  const auto number = read_number(trim(text));
  if (!number) return std::nullopt;
  for (const auto& [name, size] : units) {
    if (number->rest != name) continue;
    constexpr std::uint64_t kMillion = 1'000'000;
    const std::uint64_t whole = number->millionths / kMillion;
    if (whole > max / size) return std::nullopt;
    const std::uint64_t value = whole * size + number->millionths % kMillion * size / kMillion;
    return value <= max ? std::optional(value) : std::nullopt;
  }
  return std::nullopt;
}

/// The arguments of name(a, b); nothing if the text is no such call.
std::optional<std::vector<std::string_view>> arguments_of(std::string_view text,
                                                          std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string_view> arguments;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = text.find(',');
    arguments.push_back(trim(text.substr(0, comma)));
    if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
  }
  return arguments;
}

constexpr std::uint64_t kKi = 1024;

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  static constexpr std::array<Unit, 5> kUnits = {
      {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"min", 60'000'000}, {"h", 3'600'000'000}}};
  const auto micros = read_quantity(text, kUnits, 3'600'000'000'000);
  if (!micros) return std::nullopt;
  return Duration{static_cast<std::int64_t>(*micros)};
}

std::optional<Share> parse_share(std::string_view text) {
  static constexpr std::array<Unit, 1> kUnits = {{{"%", 10'000}}};
  const auto ppm = read_quantity(text, kUnits, 1'000'000);
  if (!ppm) return std::nullopt;
  return Share{static_cast<std::uint32_t>(*ppm)};
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<Unit, 4> kUnits = {
      {{"B", 1}, {"KiB", kKi}, {"MiB", kKi * kKi}, {"GiB", kKi * kKi * kKi}}};
  return read_quantity(text, kUnits, 1ULL << 40);
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  static constexpr std::array<Unit, 7> kUnits = {{{"B/s", 1},
                                                  {"kbit/s", 125},
                                                  {"Mbit/s", 125'000},
                                                  {"Gbit/s", 125'000'000},
                                                  {"KiB/s", kKi},
                                                  {"MiB/s", kKi * kKi},
                                                  {"GiB/s", kKi * kKi * kKi}}};
  return read_quantity(text, kUnits, 1ULL << 40);
}

std::optional<Latency> parse_latency(std::string_view text) {
  if (const auto span = parse_duration(text)) return Latency::constant(*span);
  if (const auto ends = arguments_of(text, "uniform")) {
    if (ends->size() != 2) return std::nullopt;
    const auto min = parse_duration((*ends)[0]);
    const auto max = parse_duration((*ends)[1]);
    if (!min || !max || *min > *max) return std::nullopt;
    return Latency::uniform(*min, *max);
  }
  const auto shape = arguments_of(text, "lognormal");
  if (!shape || shape->size() < 2 || shape->size() > 3) return std::nullopt;
  static constexpr std::array<Unit, 1> kPermille = {{{"", 1000}}};
  const auto median = parse_duration((*shape)[0]);
  const auto sigma = read_quantity((*shape)[1], kPermille, 3000);
  if (!median || !sigma) return std::nullopt;
  const auto max = shape->size() == 3 ? parse_duration((*shape)[2]) : *median * 64;
  if (!max || *max < *median) return std::nullopt;
  return Latency::log_normal(*median, static_cast<std::uint32_t>(*sigma), *max);
}

std::string to_text(Duration span) {
  const std::int64_t micros = span.count();
  if (micros != 0 && micros % 1'000'000 == 0) return std::to_string(micros / 1'000'000) + "s";
  if (micros != 0 && micros % 1000 == 0) return std::to_string(micros / 1000) + "ms";
  return std::to_string(micros) + "us";
}

std::string to_text(Share share) {
  std::string part = std::to_string(share.ppm % 10'000 + 10'000).substr(1);
  while (!part.empty() && part.back() == '0') part.pop_back();
  return std::to_string(share.ppm / 10'000) + (part.empty() ? "" : "." + part) + "%";
}

std::string to_text(const Latency& latency) { return latency.text(); }

}  // namespace waggle::sim
