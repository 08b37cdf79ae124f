#pragma once

#include <utility>
#include <vector>

namespace waggle::sim {

/// constant + linear n + quadratic n^2.
struct Quadratic {
  double constant = 0;
  double linear = 0;
  double quadratic = 0;
  double worst = 0;  ///< The largest relative error over the points.

  double at(double n) const { return constant + linear * n + quadratic * n * n; }
};

/// The least squares of the relative errors, so that small n count as much as large ones. At least
/// three points (n, value) of different n, values above 0.
Quadratic fit_quadratic(const std::vector<std::pair<double, double>>& points);

}  // namespace waggle::sim
