// Reports in a real browser: what the page says that it drew, and what the screen shows.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/replay/reader.hpp"
#include "tests/integration/process.hpp"
#include "tests/report/browser.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The diagram shows all of the time from the start.
constexpr const char* kWhole = "#from=0&to=1e12";

const std::string kSim = std::string(WAGGLE_BIN_DIR) + "/waggle-sim";

void replace(std::string& text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), by);
}

/// A colour of the page's style, light or dark.
Color color_of(const std::string& page, const std::string& name, bool dark = false) {
  const std::size_t scheme = dark ? page.find("prefers-color-scheme: dark") : 0;
  const std::size_t at = page.find("--" + name + ": #", scheme);
  const std::string hex = page.substr(at + name.size() + 5, 6);
  const long value = std::strtol(hex.c_str(), nullptr, 16);
  return {static_cast<int>(value >> 16), static_cast<int>(value >> 8 & 255),
          static_cast<int>(value & 255)};
}

class Report : public ::testing::Test {
 protected:
  void TearDown() override {
    // Pictures of what failed are worth looking at.
    if (!HasFailure()) return;
    std::cout << "kept: " << folder_ << '\n';
    temp_.keep();
  }

  std::string sim(std::vector<std::string> arguments, int code = 0) {
    arguments.insert(arguments.begin(), kSim);
    const auto done = integration::run(arguments, folder_, integration::seconds(120));
    EXPECT_EQ(done.code, code) << done.out << done.err;
    return done.out + done.err;
  }
  /// The trace of a scenario of the library with some values set.
  std::string trace(const std::string& scenario, const std::vector<std::string>& sets) {
    const std::string file = folder_ / "trace.jsonl";
    std::vector<std::string> arguments = {
        "run", std::string(WAGGLE_SOURCE_DIR) + "/sim/scenarios/" + scenario + ".toml", "--trace",
        file};
    for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", set});
    sim(arguments);
    return file;
  }
  fs::path report(const std::string& trace) {
    const fs::path page = folder_ / "report.html";
    sim({"report", trace, "-o", page});
    return page;
  }

  TempFolder temp_;
  const fs::path& folder_ = temp_.path();
};

/// What a trace holds, counted apart from the page.
struct Counts {
  std::size_t events = 0;
  std::set<Digest> proposed;
  std::set<Digest> committed;
};

Counts count(const std::string& file) {
  Counts counts;
  std::ifstream in(file);
  auto trace = sim::TraceReader::open(in, file);
  while (trace->advance()) {
    const auto line = trace->parse();
    const auto* event = std::get_if<sim::TraceEvent>(&*line);
    if (event == nullptr) break;
    ++counts.events;
    if (event->fields.kind == sim::EventKind::kPropose) counts.proposed.insert(*event->block);
    if (event->fields.kind == sim::EventKind::kCommit) counts.committed.insert(*event->block);
  }
  return counts;
}

/// The page's own account agrees with the trace.
void expect_all_drawn(const json& status, const Counts& counts, std::size_t lanes) {
  EXPECT_EQ(status.at("errors"), json::array());
  EXPECT_EQ(status.at("events"), counts.events);
  EXPECT_EQ(status.at("lanes"), lanes);
  EXPECT_LE(status.at("overflow").get<int>(), 0) << "wider than the window";
  std::size_t blocks = 0;
  for (const auto& [state, number] : status.at("blocks").items()) {
    blocks += number.get<std::size_t>();
  }
  EXPECT_EQ(blocks, counts.proposed.size());
  EXPECT_EQ(status.at("blocks").at("committed"), counts.committed.size());
  EXPECT_GT(status.at("drawn").at("blocks"), 20);
  EXPECT_GT(status.at("drawn").at("marks"), 500);
  EXPECT_GT(status.at("drawn").at("messages"), 1000);
}

/// Lanes are shaded by view; at least so much of them is seen.
constexpr std::size_t kLanePixels = 2'000;
std::size_t lane_pixels(const Image& image, const std::string& page, bool dark = false) {
  // Borders of panels are of nearly the same colour.
  return image.count(color_of(page, "strip-a", dark), 1) +
         image.count(color_of(page, "strip-b", dark), 1);
}

/// The screen shows it, in the colours of the legend.
void expect_seen(const Image& image, const std::string& page, bool dark = false) {
  const auto pixels = [&](const char* name) { return image.count(color_of(page, name, dark)); };
  EXPECT_GT(pixels("panel"), 100'000U) << "panels";
  EXPECT_GT(lane_pixels(image, page, dark), kLanePixels);
  EXPECT_GT(pixels("green"), 1'500U) << "votes, commits, committed blocks, throughput";
  EXPECT_GT(pixels("blue"), 500U) << "proposals, latency";
  EXPECT_GT(pixels("purple"), 200U) << "certificates";
  EXPECT_GT(pixels("vermillion"), 100U) << "timeouts and faults";
  EXPECT_GT(pixels("ink"), 300U) << "text";
}

TEST_F(Report, FourReplicasWithFaults) {
  const std::string file = trace("random_faults", {"workload.commands=500"});
  const Counts counts = count(file);
  EXPECT_GE(counts.events, 10'000U);
  const fs::path page = report(file);
  const std::string text = integration::read_text(page);
  const Shown light = show(page, folder_, {.fragment = kWhole});
  expect_all_drawn(light.status, counts, 4);
  EXPECT_GT(light.status.at("marks").at("crash"), 0);
  expect_seen(light.image, text);
  const Shown dark = show(page, folder_, {.dark = true, .fragment = kWhole});
  EXPECT_EQ(dark.status.at("errors"), json::array());
  expect_seen(dark.image, text, true);
}

TEST_F(Report, ThirtyOneReplicasOfWhichSomeLie) {
  const std::string file = trace("two_liars", {"world.n=31", "workload.commands=30"});
  const Counts counts = count(file);
  EXPECT_GE(counts.events, 10'000U);
  const fs::path page = report(file);
  const Shown shown = show(page, folder_, {.fragment = kWhole});
  expect_all_drawn(shown.status, counts, 31);
  expect_seen(shown.image, integration::read_text(page));
  EXPECT_LT(shown.status.at("millis").at("draw"), 3000) << "one drawing, on a busy machine";
}

TEST_F(Report, CanBeZoomedFilteredAndClicked) {
  const fs::path page = report(trace("two_liars", {}));
  std::string text = integration::read_text(page);
  const std::string script =
      integration::read_text(std::string(WAGGLE_SOURCE_DIR) + "/tests/report/interactions.js");
  replace(text, "</body>", "<script>" + script + "</script></body>");
  integration::write_text(page, text);
  const json status = ask(page, folder_);
  EXPECT_EQ(status.at("errors"), json::array());
  ASSERT_TRUE(status.contains("checks")) << "the script did not come to its end";
  const json& checks = status.at("checks");
  EXPECT_LT(checks.at("zoomed"), 0.5);
  EXPECT_GT(checks.at("panned"), 0);
  EXPECT_EQ(checks.at("fitted"), true);
  EXPECT_EQ(checks.at("stepped").get<std::string>().find("Event"), 0U);
  EXPECT_LT(checks.at("withoutVotes"), checks.at("withVotes"));
  EXPECT_LT(checks.at("twoViews").at("drawn").at("messages"), checks.at("withVotes"));
  EXPECT_GT(checks.at("twoViews").at("drawn").at("messages"), 0);
  EXPECT_EQ(checks.at("lanes"), 2);
  EXPECT_EQ(checks.at("refused"), true);
  EXPECT_NE(checks.at("tip"), "");
  EXPECT_GT(checks.at("highlighted"), 0);
  EXPECT_EQ(checks.at("block").get<std::string>().find("Block"), 0U);
  EXPECT_LT(checks.at("slowest"), 2000) << "milliseconds of one drawing, on a busy machine";
}

TEST_F(Report, NoTextOfATraceBecomesPartOfThePage) {
  const std::string evil = "</script><b class=evil>\"'&<!-- ";
  const fs::path file = folder_ / "evil.jsonl";
  std::ofstream out(file);
  sim::JsonLines lines(out, {evil, 1, evil, 4, 1, {{2, evil}}, ""});
  const Digest block{};
  lines.write(Duration{1}, {.kind = sim::EventKind::kStart, .replica = 0});
  lines.write(Duration{2}, {.kind = sim::EventKind::kLog, .replica = 0, .name = evil});
  lines.write(Duration{3}, {.kind = sim::EventKind::kSend,
                            .replica = 0,
                            .peer = 1,
                            .number = 1,
                            .name = evil,
                            .block = &block});
  lines.write(Duration{4}, {.kind = sim::EventKind::kStop, .replica = 0, .name = evil});
  lines.finish({Duration{5}, "violation", {{evil, evil}}, evil});
  out.close();
  const fs::path page = report(file);
  const std::string dom = open(page, folder_);
  EXPECT_EQ(dom.find("<b class=\"evil\""), std::string::npos);
  EXPECT_NE(dom.find("<h1 id=\"scenario\">&lt;/script&gt;&lt;b class=evil&gt;"), std::string::npos);
  EXPECT_EQ(ask(page, folder_).at("errors"), json::array());
}

// The checks above can fail.
TEST_F(Report, AScriptThatThrowsAndACanvasThatStaysEmptyAreSeen) {
  const fs::path page = report(trace("two_liars", {}));
  const std::string text = integration::read_text(page);
  std::string broken = text;
  replace(broken, "    diagram.draw();", "    diagram.drawn();");
  integration::write_text(page, broken);
  EXPECT_NE(ask(page, folder_).at("errors"), json::array());
  std::string blank = text;
  replace(blank, "  fillChips(model",
          "  for (const name of [\"fillRect\", \"stroke\", \"fill\"]) "
          "CanvasRenderingContext2D.prototype[name] = () => {};\n"
          "  fillChips(model");
  integration::write_text(page, blank);
  const Shown shown = show(page, folder_);
  EXPECT_LT(lane_pixels(shown.image, text), kLanePixels);
}

TEST_F(Report, CommandsTellWhatIsWrong) {
  const std::string file = trace("fault_free", {});
  const std::string page = folder_ / "out.html";
  EXPECT_NE(sim({"report", file}, 2).find("--out"), std::string::npos);
  EXPECT_NE(
      sim({"report", folder_ / "none.jsonl", "-o", page}, 2).find("none.jsonl: cannot be read"),
      std::string::npos);
  EXPECT_NE(sim({"report", file, "-o", page, "--from", "soon"}, 2).find("--from: \"soon\" is not"),
            std::string::npos);
  EXPECT_NE(
      sim({"report", file, "-o", page, "--from", "2s", "--to", "1s"}, 2).find("behind --from"),
      std::string::npos);
  sim({"report", file, "-o", page, "--from", "100ms", "--to", "200ms"});
  EXPECT_TRUE(fs::exists(page));
}

TEST_F(Report, ReplayComparesATraceWithWhatHappensNow) {
  const std::string file = trace("fault_free", {"world.seed=5"});
  EXPECT_NE(sim({"replay", file}).find("the same as in"), std::string::npos);
  const json same =
      json::parse(sim({"replay", file, "--json", "--trace", folder_ / "again.jsonl"}));
  EXPECT_EQ(same.at("replay").at("same"), true);
  EXPECT_EQ(same.at("replay").at("complete"), true);
  EXPECT_EQ(same.at("verdict"), "ok");
  std::string text = integration::read_text(file);
  // But for the command that repeats the run, the two are the same.
  const std::string again = integration::read_text(folder_ / "again.jsonl");
  EXPECT_EQ(again.substr(0, again.rfind('\n', again.size() - 2)),
            text.substr(0, text.rfind('\n', text.size() - 2)));
  replace(text, "\"k\":\"commit\",\"r\":2", "\"k\":\"commit\",\"r\":3");
  integration::write_text(file, text);
  const std::string told = sim({"replay", file}, 1);
  EXPECT_NE(told.find("expected   {"), std::string::npos);
  EXPECT_NE(told.find("got        {"), std::string::npos);
  const json other = json::parse(sim({"replay", file, "--json"}, 1));
  EXPECT_EQ(other.at("replay").at("same"), false);
  EXPECT_GT(other.at("replay").at("line"), 1);
  EXPECT_NE(sim({"replay", folder_ / "none.jsonl"}, 2).find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace waggle::report
