// Tables, fits and charts: what they write.
#include "sim/experiment/plot.hpp"

#include <gtest/gtest.h>

#include "sim/experiment/fit.hpp"
#include "sim/experiment/scale.hpp"
#include "sim/experiment/table.hpp"

namespace waggle::sim {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(Table, WritesCsvAndMarkdown) {
  Table table({"name", "share_percent"});
  table.add({"a, \"b\"", "12.5"});
  table.add({"c", "-"});
  EXPECT_EQ(table.csv(), "name,share_percent\n\"a, \"\"b\"\"\",12.5\nc,-\n");
  EXPECT_EQ(table.markdown(),
            "| name | share_percent |\n| --- | ---: |\n| a, \"b\" | 12.5 |\n| c | - |\n");
}

TEST(Fit, FindsTheQuadraticBehindThePoints) {
  const Quadratic exact = fit_quadratic(
      {{4, 3 + 8 + 8}, {10, 3 + 20 + 50}, {64, 3 + 128 + 2048}, {128, 3 + 256 + 8192}});
  EXPECT_NEAR(exact.constant, 3, 1e-6);
  EXPECT_NEAR(exact.linear, 2, 1e-6);
  EXPECT_NEAR(exact.quadratic, 0.5, 1e-6);
  EXPECT_NEAR(exact.worst, 0, 1e-9);
  EXPECT_GT(fit_quadratic({{1, 1}, {2, 2}, {3, 3}, {4, 8}}).worst, 0.05);
}

TEST(AxisScale, PutsValuesWhereTheyBelong) {
  const Axis linear{.title = "", .min = 0, .max = 100};
  const AxisScale percent(linear, 3, 97);
  EXPECT_DOUBLE_EQ(percent.place(0), 0);
  EXPECT_DOUBLE_EQ(percent.place(25), 0.25);
  EXPECT_DOUBLE_EQ(percent.place(1000), 1) << "what lies beyond stays inside the plot";
  EXPECT_EQ(percent.ticks(), (std::vector<double>{0, 20, 40, 60, 80, 100}));
  const Axis powers{.title = "", .log = true, .min = 1, .max = 10'000};
  const AxisScale log(powers, 2, 3);
  EXPECT_DOUBLE_EQ(log.place(100), 0.5);
  EXPECT_EQ(log.ticks().size(), 5U);
  EXPECT_EQ(log.label(10'000), "10 k");
  EXPECT_EQ(log.label(0.001), "0.001");
  EXPECT_EQ(log.label(0.0005), "5e-4");
  const Axis words{.title = "", .names = {"4", "7"}};
  const AxisScale categories(words, 0, 1);
  EXPECT_DOUBLE_EQ(categories.place(0), 0.25);
  EXPECT_EQ(categories.label(1), "7");
}

TEST(Plot, DrawsEveryPointRangeAndCross) {
  Panel panel;
  panel.title = "a < b";
  panel.x.names = {"0", "1", "2"};
  panel.y.log = true;
  panel.series = {{"first", 0, {{0, 1, 5}, {1, 10, 50}, {2, std::nullopt}}},
                  {"second", 1, {{0, 2}, {1, 3}, {2, 4}}}};
  Plot plot{.title = "title", .panels = {panel, panel}, .columns = 2};
  const std::string svg = to_svg(plot);
  EXPECT_EQ(to_svg(plot), svg);
  EXPECT_EQ(count(svg, "<circle"), 2 * 2U + 1) << "the points of the first and its legend";
  EXPECT_EQ(count(svg, "m0 -7l-7 7"), 2U) << "a cross per panel";
  EXPECT_EQ(count(svg, "a &lt; b"), 2U);
  EXPECT_EQ(count(svg, ">first<"), 1U) << "one legend for all panels";
  EXPECT_EQ(count(svg, "nan"), 0U);
  plot.panels = {panel};
  plot.panels[0].bars = true;
  EXPECT_EQ(count(to_svg(plot), "fill=\"#0072b2\""), 3U) << "two bars and their key";
}

}  // namespace
}  // namespace waggle::sim
