#include "sim/bin/trace_file.hpp"

#include "sim/bin/cli.hpp"

namespace waggle::sim {

TraceFile::TraceFile(std::string path, const Scenario& scenario) : path_(std::move(path)) {
  if (path_.empty()) return;
  out_.open(path_, std::ios::binary);
  lines_.emplace(out_, header_of(scenario));
}

void TraceFile::finish(const RunReport& report, const std::string& reproduce) {
  if (!lines_) return;
  lines_->finish(end_of(report, reproduce));
  out_.close();
  if (!out_) throw Failure(kBadInput, path_ + ": cannot be written");
}

}  // namespace waggle::sim
