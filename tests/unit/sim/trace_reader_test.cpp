#include <sstream>

#include <gtest/gtest.h>

#include "sim/replay/reader.hpp"

namespace waggle::sim {
namespace {

constexpr std::string_view kHeader =
    R"({"waggle_trace":2,"scenario":"a","seed":7,"core":"pbeegees","n":4,"f":1,"toml":""})"
    "\n";

/// A trace with one event of every kind, all fields set that the kind has.
std::string every_kind() {
  std::ostringstream out;
  JsonLines lines(out, {"a \"b\" </script>", 7, "pbeegees", 4, 1, {{3, "mixed"}}, "n = 4\n"});
  Digest block;
  Digest parent;
  block.bytes[0] = 0xab;
  parent.bytes[7] = 0x01;
  for (std::size_t i = 0; i < kEventKindCount; ++i) {
    const auto kind = static_cast<EventKind>(i);
    const FieldNames names = field_names(kind);
    Event event{.kind = kind, .replica = 3, .view = View{5}, .height = Height{6}};
    if (!names.peer.empty()) event.peer = 2;
    if (!names.number.empty()) event.number = 1ULL << 60;
    if (!names.name.empty()) event.name = "why\n\\\"";
    if (!names.count.empty()) event.count = 9;
    event.block = &block;
    event.parent = &parent;
    event.qc_view = View{4};
    lines.write(Duration{i}, event);
  }
  lines.finish({Duration{99}, "violation", {{"agreement", "two\nlines"}}, "waggle-sim run a"});
  return out.str();
}

std::string error_of(const std::string& text) {
  std::istringstream in(text);
  auto reader = TraceReader::open(in, "a.jsonl");
  if (!reader) return reader.error().to_string();
  while (reader->advance()) {
    if (const auto line = reader->parse(); !line) return line.error().to_string();
  }
  return reader->complete() ? "" : "broken off after line " + std::to_string(reader->line());
}
std::string error_behind_header(const std::string& line) {
  return error_of(std::string(kHeader) + line + "\n");
}

TEST(TraceReader, ReadsBackWhatWasWritten) {
  const std::string text = every_kind();
  std::istringstream in(text);
  auto reader = TraceReader::open(in, "a.jsonl");
  ASSERT_TRUE(reader) << reader.error().to_string();
  TraceLines lines;
  std::string again = std::string(lines.header(reader->header())) + "\n";
  while (reader->advance()) {
    const auto line = reader->parse();
    ASSERT_TRUE(line) << line.error().to_string();
    if (const auto* event = std::get_if<TraceEvent>(&*line)) {
      again += lines.event(event->at, event->event());
    } else {
      again += lines.end(std::get<TraceEnd>(*line));
    }
    again += "\n";
  }
  EXPECT_EQ(again, text);
  EXPECT_TRUE(reader->complete());
  EXPECT_EQ(reader->line(), kEventKindCount + 2);
}

TEST(TraceReader, ATraceCutOffAnywhereIsReadAsFarAsItGoes) {
  const std::string text = every_kind();
  const std::size_t header = text.find('\n') + 1;
  for (std::size_t size = header; size + 1 < text.size(); ++size) {
    const std::string error = error_of(text.substr(0, size));
    EXPECT_TRUE(error.starts_with("broken off after line ")) << size << ": " << error;
  }
  EXPECT_EQ(error_of(text.substr(0, text.size() - 1)), "") << "only the last line break is missing";
}

TEST(TraceReader, RefusesWhatIsNoTrace) {
  const std::string none = "a.jsonl:1: is not the first line of a trace (run --trace writes one)";
  EXPECT_EQ(error_of(""), none);
  EXPECT_EQ(error_of("[world]\nn = 4\n"), none);
  EXPECT_EQ(error_of("{\"t\":1}\n"), none);
  EXPECT_EQ(error_of(R"({"waggle_trace":1,"n":4})"
                     "\n"),
            "a.jsonl:1: waggle_trace: is version 1; this program reads version 2");
  EXPECT_EQ(error_of(R"({"waggle_trace":2,"scenario":"a","seed":7,"core":"x","n":4,"f":1})"
                     "\n"),
            "a.jsonl:1: toml: is missing");
  std::string header(kHeader);
  header.replace(header.find("\"n\":4"), 5, "\"n\":257");
  EXPECT_EQ(error_of(header), "a.jsonl:1: n: must be a whole number from 0 to 256");
  std::istringstream missing;
  missing.setstate(std::ios::failbit);
  EXPECT_EQ(TraceReader::open(missing, "b").error().to_string(), "b: cannot be read");
}

TEST(TraceReader, NamesTheLineAndTheFieldThatIsWrong) {
  EXPECT_EQ(error_behind_header("{\"t\":1,"), "a.jsonl:2: is no JSON object");
  EXPECT_EQ(error_behind_header("7"), "a.jsonl:2: is no JSON object");
  EXPECT_EQ(error_behind_header(R"({"k":"gst"})"), "a.jsonl:2: t: is missing");
  EXPECT_EQ(error_behind_header(R"({"t":1})"), "a.jsonl:2: k: is missing");
  EXPECT_EQ(error_behind_header(R"({"t":1,"k":"comit","r":1})"),
            "a.jsonl:2: k: \"comit\" is no kind of event; did you mean \"commit\"?");
  EXPECT_EQ(error_behind_header(R"({"t":1,"k":"vote","r":4,"v":1})"),
            "a.jsonl:2: r: must be a whole number from 0 to 3");
  EXPECT_EQ(error_behind_header(R"({"t":1.5,"k":"gst"})"),
            "a.jsonl:2: t: must be a whole number from 0 to 4611686018427387904");
  EXPECT_EQ(error_behind_header(R"({"t":1,"k":"vote","r":1,"v":-1})"),
            "a.jsonl:2: v: must be a whole number");
  EXPECT_EQ(error_behind_header(R"({"t":1,"k":"vote","r":1,"b":"xyz"})"),
            "a.jsonl:2: b: must be eight bytes in hex");
  EXPECT_EQ(error_behind_header(R"({"t":1,"k":"log","r":1,"text":3})"),
            "a.jsonl:2: text: must be text");
  EXPECT_EQ(error_behind_header(R"({"t":1,"k":"log","r":1,"txt":"a"})"),
            "a.jsonl:2: txt: is no field of this line; did you mean \"text\"?");
  EXPECT_EQ(error_behind_header("{\"t\":5,\"k\":\"gst\"}\n{\"t\":4,\"k\":\"gst\"}"),
            "a.jsonl:3: t: is before the line above");
  EXPECT_EQ(error_behind_header(R"({"end":1,"verdict":"fine"})"),
            "a.jsonl:2: verdict: must be ok, violation or stalled");
  EXPECT_EQ(error_behind_header(R"({"end":1,"verdict":"ok","violations":[{"property":"a"}]})"),
            "a.jsonl:2: violations.detail: is missing");
  EXPECT_EQ(error_behind_header("{\"end\":5,\"verdict\":\"ok\"}\n{\"t\":6,\"k\":\"gst\"}"),
            "a.jsonl:3: is a line behind the last of the trace");
}

}  // namespace
}  // namespace waggle::sim
