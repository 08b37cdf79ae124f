// waggle-sim report: a trace as a page to look at.
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/bin/files.hpp"
#include "sim/bin/summary.hpp"
#include "sim/report/report.hpp"
#include "sim/scenario/units.hpp"

namespace waggle::sim {
namespace {

struct Arguments {
  std::string file;
  std::string out;
  std::string from;
  std::string to;
};

Duration time_of(const std::string& option, const std::string& text) {
  if (const auto time = parse_duration(text)) return *time;
  throw Failure(kBadInput, option + ": \"" + text + "\" is not " + std::string(kDurationLooks));
}

ReportRange range_of(const Arguments& arguments) {
  ReportRange range;
  if (!arguments.from.empty()) range.from = time_of("--from", arguments.from);
  if (!arguments.to.empty()) range.to = time_of("--to", arguments.to);
  if (range.to && *range.to <= range.from) {
    throw Failure(kBadInput, "--to: must be behind --from");
  }
  return range;
}

ExitCode run(const Arguments& arguments, bool as_json) {
  const ReportRange range = range_of(arguments);
  std::ifstream in(arguments.file, std::ios::binary);
  auto trace = TraceReader::open(in, arguments.file);
  if (!trace) throw Failure(kBadInput, trace.error().to_string());
  const auto page = make_report(*trace, range);
  if (!page) throw Failure(kBadInput, page.error().to_string());
  save_file(arguments.out, *page);
  if (as_json) {
    print_line(
        {{"report", arguments.out}, {"bytes", page->size()}, {"complete", trace->complete()}});
  } else {
    fmt::print("report     {}, {} KiB\n", arguments.out, (page->size() + 1023) / 1024);
    if (!trace->complete())
      fmt::print("           the trace is broken off; shown as far as it goes\n");
  }
  return kHeld;
}

}  // namespace

void add_report_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("report", "draw a trace as one HTML page");
  command->add_option("TRACE", arguments->file, "what run --trace wrote")->required();
  command->add_option("-o,--out", arguments->out, "where the page is written")->required();
  command->add_option("--from", arguments->from, "shows events from this time on, such as 1.5s");
  command->add_option("--to", arguments->to, "and until this time; at most 200000 events");
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
