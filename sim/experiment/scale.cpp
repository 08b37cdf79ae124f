#include "sim/experiment/scale.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace waggle::sim {
namespace {

/// 1, 2 or 5 times a power of ten: at least `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * 0.999) return factor * power;
  }
  return 10 * power;
}

}  // namespace

AxisScale::AxisScale(const Axis& axis, double low, double high)
    : axis_(axis), low_(axis.min.value_or(low)), high_(axis.max.value_or(high)) {
  if (!axis.names.empty()) {
    low_ = -0.5;
    high_ = static_cast<double>(axis.names.size()) - 0.5;
    for (std::size_t i = 0; i < axis.names.size(); ++i) ticks_.push_back(static_cast<double>(i));
    return;
  }
  if (high_ <= low_) high_ = axis.log ? low_ * 10 : low_ + 1;
  if (axis.log) {
    choose_log_ticks();
  } else {
    choose_linear_ticks(axis.min.has_value(), axis.max.has_value());
  }
  if (!axis.ticks.empty()) ticks_ = axis.ticks;
}

void AxisScale::choose_linear_ticks(bool keep_low, bool keep_high) {
  const double step = round_step((high_ - low_) / 5.5);
  if (!keep_low) low_ = std::floor(low_ / step + 1e-9) * step;
  if (!keep_high) high_ = std::ceil(high_ / step - 1e-9) * step;
  for (double at = std::ceil(low_ / step - 1e-9); at * step <= high_ + step * 1e-6; ++at) {
    ticks_.push_back(at * step);
  }
}

void AxisScale::choose_log_ticks() {
  if (!axis_.min) low_ /= 1.15;
  if (!axis_.max) high_ *= 1.15;
  const double decades = std::log10(high_ / low_);
  for (double power = std::floor(std::log10(low_)); power <= std::log10(high_); ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (decades > 2.5 && factor != 1.0) continue;
      const double tick = factor * std::pow(10, power);
      if (tick >= low_ * 0.999 && tick <= high_ * 1.001) ticks_.push_back(tick);
    }
  }
}

double AxisScale::place(double value) const {
  const double inside = std::clamp(value, low_, high_);
  if (axis_.log) return std::log(inside / low_) / std::log(high_ / low_);
  return (inside - low_) / (high_ - low_);
}

std::string AxisScale::label(double tick) const {
  if (!axis_.names.empty()) return axis_.names[static_cast<std::size_t>(tick)];
  if (std::abs(tick) >= 1e6) return fmt::format("{:g} M", tick / 1e6);
  if (std::abs(tick) >= 1e4) return fmt::format("{:g} k", tick / 1e3);
  if (axis_.log && tick < 0.999e-3) {  // short ones, which leave room for the axis' title
    const double power = std::floor(std::log10(tick) + 1e-9);
    return fmt::format("{:g}e{}", tick / std::pow(10, power), power);
  }
  return fmt::format("{:g}", std::abs(tick) < 1e-9 ? 0.0 : tick);
}

}  // namespace waggle::sim
