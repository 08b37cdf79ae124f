#include "sim/experiment/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "sim/experiment/scale.hpp"

namespace waggle::sim {
namespace {

// Okabe and Ito's palette, which people who see fewer colours tell apart, and two more.
constexpr std::array<const char*, 9> kColours = {"#0072b2", "#e69f00", "#009e73",
                                                 "#cc79a7", "#d55e00", "#56b4e9",
                                                 "#333333", "#882255", "#999933"};
constexpr double kLeft = 62;  ///< Of a panel: ticks and title of the y axis.
constexpr double kRight = 14;
constexpr double kTop = 30;     ///< Title of the panel.
constexpr double kBottom = 48;  ///< Ticks and title of the x axis.
constexpr double kHeading = 38;
constexpr double kLine = 20;

const char* colour(std::size_t style) { return kColours.at(style % kColours.size()); }

std::string escape(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else
      safe += c;
  }
  return safe;
}

class Svg {
 public:
  void text(double x, double y, const std::string& words, const char* anchor,
            const std::string& more = "") {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                        anchor, more, escape(words));
  }
  void line(double x1, double y1, double x2, double y2, const std::string& style) {
    out_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1,
                        y1, x2, y2, style);
  }
  void rect(double x, double y, double width, double height, const std::string& style) {
    out_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" {}/>\n",
                        x, y, width, height, style);
  }
  void path(const std::string& way, const std::string& style) {
    out_ += fmt::format("<path d=\"{}\" {}/>\n", way, style);
  }
  /// Each style has a shape of its own, for those who see no colours.
  void marker(double x, double y, std::size_t style) {
    const std::string fill =
        fmt::format("fill=\"{}\" stroke=\"#ffffff\" stroke-width=\"0.8\"", colour(style));
    switch (style % 4) {
      case 0:
        out_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" {}/>\n", x, y, fill);
        return;
      case 1: return rect(x - 3.6, y - 3.6, 7.2, 7.2, fill);
      case 2: return path(fmt::format("M{:.1f} {:.1f}l4.4 8h-8.8z", x, y - 5), fill);
      default:
        return path(fmt::format("M{:.1f} {:.1f}l4.8 4.8l-4.8 4.8l-4.8 -4.8z", x, y - 4.8), fill);
    }
  }
  void cross(double x, double y, std::size_t style) {
    path(fmt::format("M{:.1f} {:.1f}l7 7m0 -7l-7 7", x - 3.5, y - 3.5),
         fmt::format("stroke=\"{}\" stroke-width=\"2\" fill=\"none\"", colour(style)));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

struct Range {
  double low = std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::lowest();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

class PanelDrawing {
 public:
  PanelDrawing(Svg& svg, const Panel& panel, double left, double top, double width, double height)
      : svg_(svg),
        panel_(panel),
        left_(left + kLeft),
        top_(top + kTop),
        width_(width - kLeft - kRight),
        height_(height - kTop - kBottom),
        x_(panel.x, range(panel, true).low, range(panel, true).high),
        y_(panel.y, range(panel, false).low, range(panel, false).high) {}

  void draw() {
    frame();
    for (std::size_t i = panel_.series.size(); i-- > 0;) {  // the first lies on top
      if (panel_.bars) {
        bars(i);
      } else {
        lines(panel_.series[i], shift(i));
      }
    }
  }

 private:
  static Range range(const Panel& panel, bool x) {
    Range range;
    for (const Series& series : panel.series) {
      for (const Point& point : series.points) {
        if (x) range.add(point.x);
        if (!x && point.y) range.add(*point.y);
        if (!x && point.high && std::isfinite(*point.high)) range.add(*point.high);
      }
    }
    if (range.empty()) range = {1, 10};
    return range;
  }

  double x_of(double value) const { return left_ + x_.place(value) * width_; }
  double y_of(double value) const { return top_ + (1 - y_.place(value)) * height_; }
  double shift(std::size_t index) const {
    if (!panel_.apart) return 0;
    return (static_cast<double>(index) - static_cast<double>(panel_.series.size() - 1) / 2) * 2.5;
  }

  void frame() {
    const std::string grid = "stroke=\"#e3e3e3\"";
    for (const double tick : y_.ticks()) {
      svg_.line(left_, y_of(tick), left_ + width_, y_of(tick), grid);
      svg_.text(left_ - 7, y_of(tick) + 4, y_.label(tick), "end");
    }
    for (const double tick : x_.ticks()) {
      svg_.line(x_of(tick), top_ + height_, x_of(tick), top_ + height_ + 4, "stroke=\"#666666\"");
      svg_.text(x_of(tick), top_ + height_ + 17, x_.label(tick), "middle");
    }
    svg_.rect(left_, top_, width_, height_, "fill=\"none\" stroke=\"#666666\"");
    svg_.text(left_ + width_ / 2, top_ - 10, panel_.title, "middle", " font-weight=\"bold\"");
    svg_.text(left_ + width_ / 2, top_ + height_ + 36, panel_.x.title, "middle");
    const double middle = top_ + height_ / 2;
    svg_.text(left_ - 46, middle, panel_.y.title, "middle",
              fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", left_ - 46, middle));
  }

  void lines(const Series& series, double shift) {
    std::string way;
    for (const Point& point : series.points) {
      if (!point.y) continue;
      way += fmt::format("{}{:.1f} {:.1f}", way.empty() ? "M" : "L", x_of(point.x) + shift,
                         y_of(*point.y));
    }
    const char* const ink = colour(series.style);
    svg_.path(way, fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"2\"", ink));
    for (const Point& point : series.points) {
      const double x = x_of(point.x) + shift;
      if (!point.y) {
        svg_.cross(x + shift, top_ + 6, series.style);
        continue;
      }
      if (point.high) whisker(x, *point.y, *point.high, ink);
      svg_.marker(x, y_of(*point.y), series.style);
    }
  }

  void whisker(double x, double from, double to, const char* ink) {
    const std::string style = fmt::format("stroke=\"{}\" stroke-width=\"1.2\"", ink);
    svg_.line(x, y_of(from), x, y_of(to), style);
    if (std::isfinite(to)) svg_.line(x - 3, y_of(to), x + 3, y_of(to), style);
  }

  void bars(std::size_t index) {
    const Series& series = panel_.series[index];
    const double group = width_ / static_cast<double>(panel_.x.names.size()) * 0.8;
    const double width = group / static_cast<double>(panel_.series.size());
    for (const Point& point : series.points) {
      const double x = x_of(point.x) - group / 2 + width * static_cast<double>(index);
      if (!point.y) {
        svg_.cross(x + width / 2, top_ + height_ - 7, series.style);
        continue;
      }
      const double y = y_of(*point.y);
      svg_.rect(x + 1, y, width - 2, top_ + height_ - y,
                fmt::format("fill=\"{}\"", colour(series.style)));
      if (point.high) whisker(x + width / 2, *point.y, *point.high, "#333333");
    }
  }

  Svg& svg_;
  const Panel& panel_;
  const double left_;
  const double top_;
  const double width_;
  const double height_;
  const AxisScale x_;
  const AxisScale y_;
};

struct Entry {
  std::size_t style;
  std::string name;
  bool bar;
};

/// One line per style, in the order in which they come.
std::vector<Entry> legend_of(const Plot& plot) {
  std::vector<Entry> entries;
  for (const Panel& panel : plot.panels) {
    for (const Series& series : panel.series) {
      const bool known = std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.style == series.style;
      });
      if (!known) entries.push_back({series.style, series.name, panel.bars});
    }
  }
  return entries;
}

constexpr double kKey = 29;  ///< Of a legend's entry, before the name.

double width_of(const Entry& entry) {
  return kKey + 16 + 6.3 * static_cast<double>(entry.name.size());
}

/// The entries in lines that are no wider than the plot.
std::vector<std::vector<Entry>> lines_of(const std::vector<Entry>& entries, double width) {
  std::vector<std::vector<Entry>> lines(1);
  double used = 0;
  for (const Entry& entry : entries) {
    if (used + width_of(entry) > width && !lines.back().empty()) {
      lines.emplace_back();
      used = 0;
    }
    used += width_of(entry);
    lines.back().push_back(entry);
  }
  return lines;
}

void draw_line(Svg& svg, const std::vector<Entry>& entries, double width, double y) {
  double total = 0;
  for (const Entry& entry : entries) total += width_of(entry);
  double x = (width - total) / 2 + 8;
  for (const Entry& entry : entries) {
    if (entry.bar) {
      svg.rect(x + 8, y - 6, 12, 12, fmt::format("fill=\"{}\"", colour(entry.style)));
    } else {
      svg.line(x, y, x + 24, y,
               fmt::format("stroke=\"{}\" stroke-width=\"2\"", colour(entry.style)));
      svg.marker(x + 12, y, entry.style);
    }
    svg.text(x + kKey, y + 4, entry.name, "start");
    x += width_of(entry);
  }
}

}  // namespace

std::string to_svg(const Plot& plot) {
  const std::size_t columns = std::min(std::max<std::size_t>(plot.columns, 1), plot.panels.size());
  const std::size_t rows = (plot.panels.size() + columns - 1) / columns;
  const double width = plot.panel_width * static_cast<double>(columns);
  const double below = kHeading + plot.panel_height * static_cast<double>(rows);
  const auto legend = lines_of(legend_of(plot), width);
  const double end = below + kLine * static_cast<double>(legend.size());
  const double height = end + kLine * (plot.note.empty() ? 0.5 : 1.3);
  Svg svg;
  svg.rect(0, 0, width, height, "fill=\"#ffffff\"");
  svg.text(width / 2, 24, plot.title, "middle", " font-size=\"15\" font-weight=\"bold\"");
  for (std::size_t i = 0; i < plot.panels.size(); ++i) {
    const double left = plot.panel_width * static_cast<double>(i % columns);
    const double top = kHeading + plot.panel_height * static_cast<double>(i / columns);
    PanelDrawing(svg, plot.panels[i], left, top, plot.panel_width, plot.panel_height).draw();
  }
  for (std::size_t i = 0; i < legend.size(); ++i) {
    draw_line(svg, legend[i], width, below + 8 + kLine * static_cast<double>(i));
  }
  if (!plot.note.empty()) {
    svg.text(width / 2, end + 10, plot.note, "middle", " fill=\"#555555\"");
  }
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
             "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"Helvetica, Arial, sans-serif\" "
             "font-size=\"12\" fill=\"#222222\">\n",
             width, height) +
         svg.take() + "</svg>\n";
}

}  // namespace waggle::sim
