#include "sim/trace/trace.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/json_lines.hpp"

namespace waggle::sim {
namespace {

TEST(Trace, DigestDependsOnEveryField) {
  Digest block;
  block.bytes[3] = 1;
  const Event base{.kind = EventKind::kSend,
                   .replica = 1,
                   .peer = 2,
                   .number = 3,
                   .name = "vote",
                   .view = View{4},
                   .height = Height{5},
                   .qc_view = View{6},
                   .count = 7};
  std::set<std::uint64_t> digests;
  const auto digest_of = [&digests](Duration at, const Event& event) {
    Trace trace;
    trace.note(at, event);
    EXPECT_TRUE(digests.insert(trace.digest()).second);
  };
  const auto with = [&](const auto& change) {
    Event event = base;
    change(event);
    digest_of(Duration{9}, event);
  };
  digest_of(Duration{9}, base);
  digest_of(Duration{10}, base);
  with([](Event& event) { event.kind = EventKind::kDrop; });
  with([](Event& event) { event.replica = 9; });
  with([](Event& event) { event.peer = 9; });
  with([](Event& event) { event.number = 9; });
  with([](Event& event) { event.name = "votes"; });
  with([](Event& event) { event.name = "a longer name than eight"; });
  with([](Event& event) { event.view = View{9}; });
  with([](Event& event) { event.height = Height{9}; });
  with([](Event& event) { event.qc_view = View{9}; });
  with([](Event& event) { event.count = 9; });
  with([&block](Event& event) { event.block = &block; });
  with([&block](Event& event) { event.parent = &block; });
}

TEST(JsonLines, HasAHeaderALinePerEventAndAnEnd) {
  std::ostringstream out;
  JsonLines lines(out, {"name \"x\"", 7, "pbeegees", 4, 1, {{3, "mixed"}}, "n = 4\n"});
  Digest block;
  block.bytes[0] = 0xab;
  lines.write(Duration{12}, {.kind = EventKind::kSend,
                             .replica = 0,
                             .peer = 2,
                             .number = 5,
                             .name = "vote",
                             .view = View{3},
                             .block = &block,
                             .count = 90});
  lines.write(Duration{13}, {.kind = EventKind::kLog, .replica = 1, .name = "a\nb\\"});
  lines.write(Duration{14}, {.kind = EventKind::kHeal});
  lines.finish({Duration{15}, "ok", {}, "waggle-sim run x"});
  EXPECT_EQ(out.str(),
            R"({"waggle_trace":2,"scenario":"name \"x\"","seed":7,"core":"pbeegees","n":4,"f":1,)"
            R"("byzantine":[{"r":3,"does":"mixed"}],"toml":"n = 4\u000a"})"
            "\n"
            R"({"t":12,"k":"send","r":0,"to":2,"id":5,"m":"vote","v":3,"b":"ab00000000000000",)"
            R"("bytes":90})"
            "\n"
            R"({"t":13,"k":"log","r":1,"text":"a\u000ab\\"})"
            "\n"
            R"({"t":14,"k":"heal"})"
            "\n"
            R"({"end":15,"verdict":"ok","reproduce":"waggle-sim run x"})"
            "\n");
}

}  // namespace
}  // namespace waggle::sim
