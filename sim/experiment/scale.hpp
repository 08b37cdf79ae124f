#pragma once

#include <string>
#include <vector>

#include "sim/experiment/plot.hpp"

namespace waggle::sim {

/// Where the values of an axis are, as a share of its length.
class AxisScale {
 public:
  /// `low` and `high`: of the data.
  AxisScale(const Axis& axis, double low, double high);

  /// 0 at the lower end, 1 at the upper; values beyond are put at the ends.
  double place(double value) const;
  const std::vector<double>& ticks() const noexcept { return ticks_; }
  std::string label(double tick) const;

 private:
  void choose_linear_ticks(bool keep_low, bool keep_high);
  void choose_log_ticks();

  const Axis& axis_;
  double low_;
  double high_;
  std::vector<double> ticks_;
};

}  // namespace waggle::sim
