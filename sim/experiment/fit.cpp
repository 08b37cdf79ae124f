#include "sim/experiment/fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {
namespace {

constexpr std::size_t kUnknowns = 3;
using Row = std::array<double, kUnknowns + 1>;

/// Gauss-Jordan with the largest pivot first.
std::array<double, kUnknowns> solve(std::array<Row, kUnknowns> rows) {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    const auto largest = std::max_element(
        rows.begin() + static_cast<std::ptrdiff_t>(i), rows.end(),
        [i](const Row& a, const Row& b) { return std::abs(a[i]) < std::abs(b[i]); });
    std::swap(rows[i], *largest);
    ENSURE(rows[i][i] != 0, "three different n");
    for (std::size_t other = 0; other < kUnknowns; ++other) {
      if (other == i) continue;
      const double factor = rows[other][i] / rows[i][i];
      for (std::size_t k = i; k <= kUnknowns; ++k) rows[other][k] -= factor * rows[i][k];
    }
  }
  return {rows[0][3] / rows[0][0], rows[1][3] / rows[1][1], rows[2][3] / rows[2][2]};
}

}  // namespace

Quadratic fit_quadratic(const std::vector<std::pair<double, double>>& points) {
  std::array<Row, kUnknowns> normal{};
  for (const auto& [n, value] : points) {
    // Divided by the value, every point wants to come to 1.
    const Row row = {1 / value, n / value, n * n / value, 1};
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      for (std::size_t k = 0; k <= kUnknowns; ++k) normal[i][k] += row[i] * row[k];
    }
  }
  const auto solved = solve(normal);
  Quadratic fit{solved[0], solved[1], solved[2], 0};
  for (const auto& [n, value] : points) {
    fit.worst = std::max(fit.worst, std::abs(fit.at(n) - value) / value);
  }
  return fit;
}

}  // namespace waggle::sim
