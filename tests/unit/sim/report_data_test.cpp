#include <sstream>

#include <gtest/gtest.h>

#include "sim/report/report.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

constexpr std::string_view kHeader =
    R"({"waggle_trace":2,"scenario":"a","seed":18446744073709551615,"core":"pbeegees","n":4,)"
    R"("f":1,"byzantine":[{"r":3,"does":"mixed"}],"toml":""})";

config::Loaded<std::string> page_of(const std::string& lines, const ReportRange& range = {}) {
  std::istringstream in(std::string(kHeader) + "\n" + lines);
  auto trace = TraceReader::open(in, "a.jsonl");
  return make_report(*trace, range);
}

/// What stands in the page for its scripts to read.
json data_of(const std::string& lines, const ReportRange& range = {}) {
  const auto page = page_of(lines, range);
  if (!page) return page.error().to_string();
  const std::string mark = "id=\"data\">";
  const std::size_t begin = page->find(mark) + mark.size();
  return json::parse(page->substr(begin, page->find("</script>", begin) - begin));
}

constexpr const char* kMessages =
    R"({"t":10,"k":"send","r":0,"to":1,"id":1,"m":"vote","v":3,"b":"ab00000000000000","bytes":90}
{"t":12,"k":"send","r":0,"to":2,"id":2,"m":"vote","bytes":90}
{"t":13,"k":"drop","r":2,"from":0,"id":2,"why":"lost"}
{"t":14,"k":"send","r":0,"to":3,"id":3,"m":"vote","bytes":90}
{"t":20,"k":"deliver","r":1,"from":0,"id":1}
{"t":25,"k":"deliver","r":1,"from":0,"id":1}
{"end":30,"verdict":"ok","reproduce":"waggle-sim run a"}
)";

TEST(ReportData, AMessageIsWhatWasSentAndWhatBecameOfIt) {
  const json data = data_of(kMessages);
  const json& messages = data.at("messages");
  EXPECT_EQ(messages.at("t"), json({10, 2, 2, -4})) << "differences";
  EXPECT_EQ(messages.at("took"), json({10, 1, -1, 15}));
  EXPECT_EQ(messages.at("outcome"), json({0, 1, 2, 3})) << "the last is a double of the first";
  EXPECT_EQ(messages.at("to"), json({1, 2, 3, 1}));
  EXPECT_EQ(messages.at("b"), json({0, -1, -1, 0}));
  EXPECT_EQ(data.at("blocks"), json({"ab00000000000000"}));
  EXPECT_EQ(data.at("names").at(messages.at("why").at(1).get<std::size_t>()), "lost");
  EXPECT_EQ(data.at("seed"), "18446744073709551615") << "more than a number of JavaScript holds";
  EXPECT_EQ(data.at("events"), 6);
  EXPECT_EQ(data.at("range"), json({0, 30}));
  EXPECT_EQ(data.at("whole"), true);
  EXPECT_EQ(data.at("verdict"), "ok");
}

TEST(ReportData, ARangeKnowsWhatWasUnderWayWhenItBegins) {
  const std::string lines =
      R"({"t":0,"k":"start","r":0}
{"t":0,"k":"start","r":1}
{"t":0,"k":"start","r":2}
{"t":1,"k":"cut","r":0,"to":1}
{"t":2,"k":"view","r":2,"by":"qc","v":7}
{"t":3,"k":"pause","r":2}
{"t":4,"k":"crash","r":1,"why":"power"}
{"t":5,"k":"propose","r":0,"by":"qc","v":7,"h":1,"b":"ab00000000000000","p":"cd00000000000000",)"
      R"("q":0}
)" + std::string(kMessages);
  const json data = data_of(lines, {Duration{13}, Duration{22}});
  EXPECT_EQ(data.at("before"), json({{"down", {1, 3}},
                                     {"paused", {2}},
                                     {"views", {0, 0, 7, 0}},
                                     {"cuts", json::array({json::array({0, 1})})}}));
  EXPECT_EQ(data.at("marks").at("t"), json({5})) << "the tree needs the block";
  EXPECT_EQ(data.at("messages").at("id"), json({2, 3, 1})) << "as they end or begin in the range";
  EXPECT_EQ(data.at("range"), json({13, 22}));
  EXPECT_EQ(data.at("shown"), 3);
  EXPECT_EQ(data.at("events"), 14);
  EXPECT_EQ(data.at("whole"), false);
}

TEST(ReportData, ATraceThatIsBrokenOffIsShownAsFarAsItGoes) {
  const json data = data_of("{\"t\":10,\"k\":\"gst\"}\n{\"t\":1");
  EXPECT_EQ(data.at("complete"), false);
  EXPECT_EQ(data.at("verdict"), "");
  EXPECT_EQ(data.at("range"), json({0, 10}));
}

TEST(ReportData, NoTextEndsTheScriptThatItStandsIn) {
  const std::string evil = "</script><b id='evil'>\\\"&<!--";
  const json data = data_of("{\"t\":1,\"k\":\"log\",\"r\":0,\"text\":\"" + evil + "\"}\n");
  EXPECT_EQ(data.at("names").at(1), "</script><b id='evil'>\"&<!--");
  EXPECT_EQ(
      page_of("{\"t\":1,\"k\":\"log\",\"r\":0,\"text\":\"" + evil + "\"}\n")->find("<b id='evil"),
      std::string::npos);
}

TEST(ReportData, APageNeedsNothingElse) {
  const std::string page = *page_of(kMessages);
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_EQ(page.find("src="), std::string::npos);
  EXPECT_EQ(page.find("href="), std::string::npos);
  EXPECT_EQ(page.find("url("), std::string::npos);
  EXPECT_EQ(page.find("@import"), std::string::npos);
}

TEST(ReportData, MoreEventsThanAPageTakesAreRefusedWithARangeThatFits) {
  std::string lines;
  for (std::uint64_t i = 0; i <= ReportData::kEventsMax; ++i) {
    lines += "{\"t\":" + std::to_string(i * 10) + ",\"k\":\"gst\"}\n";
  }
  EXPECT_EQ(page_of(lines).error().to_string(),
            "a.jsonl:200002: the page takes at most 200000 events; choose a shorter range, such as "
            "--from 0us --to 1999990us");
  const ReportRange range{Duration{0}, Duration{1'999'990}};
  EXPECT_EQ(data_of(lines, range).at("shown"), 200'000);
}

}  // namespace
}  // namespace waggle::sim
