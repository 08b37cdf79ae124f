#include "sim/replay/replay.hpp"

namespace waggle::sim {

using config::ConfigError;

config::Loaded<Scenario> scenario_of(const TraceReader& trace) {
  const TraceHeader& header = trace.header();
  auto scenario = parse_scenario(header.toml, "its scenario", {});
  if (!scenario)
    return Unexpected{ConfigError{trace.file(), 1, "toml", scenario.error().to_string()}};
  TraceHeader own = header_of(*scenario);
  own.toml = header.toml;  // which another version may have written in other words
  if (own == header) return scenario;
  return Unexpected{
      ConfigError{trace.file(), 1, "toml", "is not the scenario that the rest of the line is of"}};
}

void Comparison::write(Duration at, const Event& event) {
  if (next_ != nullptr) next_->write(at, event);
  if (done()) return;
  if (!trace_.advance()) {
    broken_off_ = true;
    return;
  }
  const std::string_view got = lines_.event(at, event);
  if (trace_.text() == got) {
    ++equal_;
    return;
  }
  const std::string copy(got);
  const auto line = trace_.parse();
  if (!line) {
    error_ = line.error();
    return;
  }
  const auto* expected = std::get_if<TraceEvent>(&*line);
  if (expected == nullptr || lines_.event(expected->at, expected->event()) != copy) {
    return differ(copy);
  }
  ++equal_;
}

void Comparison::finish(const RunReport& report) {
  if (done()) return;
  if (!trace_.advance()) {
    broken_off_ = true;
    return;
  }
  const auto line = trace_.parse();
  if (!line) {
    error_ = line.error();
    return;
  }
  const auto* expected = std::get_if<TraceEnd>(&*line);
  if (expected == nullptr) return differ("");
  const TraceEnd got = end_of(report, expected->reproduce);  // which is no part of the run
  if (*expected != got) return differ(std::string(lines_.end(got)));
  if (trace_.advance()) error_ = trace_.parse().error();  // nothing may follow
}

void Comparison::differ(std::string got) {
  difference_ = Difference{trace_.line(), std::string(trace_.text()), std::move(got)};
}

}  // namespace waggle::sim
