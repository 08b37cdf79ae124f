#pragma once

#include <string>

#include "sim/report/data.hpp"

namespace waggle::sim {

/// Reads the rest of a trace and makes the page that shows it: one HTML file that needs nothing
/// else. Fails if the trace is wrong, or if the range holds more than ReportData::kEventsMax
/// events.
config::Loaded<std::string> make_report(TraceReader& trace, const ReportRange& range);

}  // namespace waggle::sim
