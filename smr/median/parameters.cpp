#include "smr/median/parameters.hpp"

#include <algorithm>
#include <bit>

namespace waggle::median {
namespace {

Unexpected<ParameterError> wrong(std::string_view parameter, std::string message) {
  return Unexpected{ParameterError{parameter, std::string(parameter) + " " + std::move(message)}};
}

std::string is(std::uint32_t value) { return ", and is " + std::to_string(value); }

}  // namespace

Result<void, ParameterError> check(const Parameters& p) {
  if (p.n == 0) return wrong("n", "must be at least 1" + is(p.n));
  if (p.l <= 1) return wrong("l", "must be above 1" + is(p.l));
  if (p.l % 2 == 0) return wrong("l", "must be odd" + is(p.l));
  if (p.k < p.l) return wrong("k", "must be at least l = " + std::to_string(p.l) + is(p.k));
  if (p.sigma.numerator == 0) return wrong("sigma", "must be above 0");
  if (p.sigma.denominator == 0) return wrong("sigma", "must not be divided by 0");
  if (p.T == 0) return wrong("T", "must be at least 1" + is(p.T));
  if (p.B == 0) return wrong("B", "must be at least 1" + is(p.B));
  return {};
}

std::uint32_t ceil_log2(std::uint32_t n) noexcept {
  return n <= 1 ? 0 : static_cast<std::uint32_t>(std::bit_width(n - 1));
}

std::uint32_t append_fanout(const Parameters& p) noexcept {
  const std::uint64_t product = std::uint64_t{p.sigma.numerator} * ceil_log2(p.n);
  const std::uint64_t rounded = (product + p.sigma.denominator - 1) / p.sigma.denominator;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rounded, 1, UINT32_MAX));
}

}  // namespace waggle::median
