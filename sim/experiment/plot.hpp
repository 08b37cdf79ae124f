#pragma once

#include <optional>
#include <string>
#include <vector>

/// Small charts as SVG: lines with markers or bars, error ranges, linear or logarithmic axes,
/// panels side by side with one legend below them.
namespace waggle::sim {

struct Axis {
  std::string title;  ///< With the unit.
  bool log = false;
  std::optional<double> min = {};  ///< Of the data, if not given.
  std::optional<double> max = {};
  std::vector<double> ticks = {};       ///< Chosen, if empty.
  std::vector<std::string> names = {};  ///< Of the values 0, 1, 2, ...: categories.
};

struct Point {
  double x = 0;
  std::optional<double> y;  ///< Nothing: a cross at the upper edge.
  /// The upper end of an error range that begins at y; infinite: it ends at the upper edge.
  std::optional<double> high = {};
};

struct Series {
  std::string name;
  std::size_t style = 0;  ///< Colour and marker; equal ones share a line in the legend.
  std::vector<Point> points;
};

struct Panel {
  std::string title;
  Axis x;
  Axis y;
  std::vector<Series> series;
  bool bars = false;  ///< Instead of lines; x are categories then.
  /// Series stand a little apart, so that one does not hide the other's error range.
  bool apart = true;
};

struct Plot {
  std::string title;
  std::vector<Panel> panels;
  std::size_t columns = 1;
  std::string note;          ///< Below the legend.
  double panel_width = 300;  ///< Pixels.
  double panel_height = 210;
};

/// Equal plots give equal text.
std::string to_svg(const Plot& plot);

}  // namespace waggle::sim
