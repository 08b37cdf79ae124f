#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "sim/scenario/run.hpp"

namespace waggle::sim {

/// The file that --trace names, if it names one.
class TraceFile {
 public:
  TraceFile(std::string path, const Scenario& scenario);

  /// Where the events of the run go; null without a file.
  EventSink* sink() { return lines_ ? &*lines_ : nullptr; }
  /// After the run. Throws Failure if anything could not be written.
  void finish(const RunReport& report, const std::string& reproduce);

 private:
  std::string path_;
  std::ofstream out_;
  std::optional<JsonLines> lines_;
};

}  // namespace waggle::sim
