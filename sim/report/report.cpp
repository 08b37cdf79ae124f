#include "sim/report/report.hpp"

#include "sim/report/assets.hpp"
#include "sim/scenario/units.hpp"

namespace waggle::sim {
namespace {

using config::ConfigError;
using config::Loaded;
using nlohmann::json;

/// JSON that can stand in a script element: no text of a trace can end it.
std::string for_html(const json& data) {
  std::string safe;
  for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace)) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

/// The page, with {{style}}, {{scripts}} and {{data}} in their places.
std::string fill(const std::string& data) {
  std::string style;
  std::string scripts;
  std::string_view page;
  for (const auto& [name, text] : report_assets()) {
    if (name.ends_with(".css")) style += text;
    if (name.ends_with(".js")) scripts += "<script>\n" + std::string(text) + "</script>\n";
    if (name.ends_with(".html")) page = text;
  }
  std::string filled;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t open = page.find("{{", at);
    filled += page.substr(at, open - at);
    if (open == std::string_view::npos) break;
    const std::size_t close = page.find("}}", open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    filled += name == "style" ? style : name == "scripts" ? scripts : data;
    at = close + 2;
  }
  return filled;
}

ConfigError too_many(const TraceReader& trace, const ReportRange& range, Duration last) {
  const std::string span = "--from " + to_text(range.from) + " --to " + to_text(last);
  return {trace.file(), static_cast<int>(trace.line()), "",
          "the page takes at most " + std::to_string(ReportData::kEventsMax) +
              " events; choose a shorter range, such as " + span};
}

}  // namespace

Loaded<std::string> make_report(TraceReader& trace, const ReportRange& range) {
  ReportData data(trace, range);
  std::optional<TraceEnd> end;
  while (trace.advance()) {
    const auto line = trace.parse();
    if (!line) return Unexpected{line.error()};
    if (const auto* event = std::get_if<TraceEvent>(&*line)) {
      const Duration before = data.last();
      data.add(*event);
      if (data.full()) return Unexpected{too_many(trace, range, before)};
    } else {
      end = std::get<TraceEnd>(*line);
    }
  }
  return fill(for_html(data.finish(end)));
}

}  // namespace waggle::sim
