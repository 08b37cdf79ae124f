#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/experiment/experiment.hpp"

namespace waggle::sim {

/// Results of runs in a file, a line each: {"version":..,"parameters":..,"inputs":..,
/// "measured":..}. Lines of another version, and a last one that was broken off, are passed over.
class Cache {
 public:
  /// Reads the file if there is one. Empty: nothing is kept.
  explicit Cache(const std::string& file);

  /// Null if it is not known. Valid as long as the cache.
  const nlohmann::json* find(const Cell& cell) const;
  /// Appends and flushes. Throws std::runtime_error if it cannot.
  void add(const Cell& cell, const nlohmann::json& measured);

  /// What results depend on besides their parameters: how the cores and the simulator behave,
  /// found out by short runs, and how experiments measure.
  static std::string version();

 private:
  const std::string file_;
  const std::string version_;
  std::map<std::string, nlohmann::json> known_;  ///< By parameters and digest of inputs.
};

}  // namespace waggle::sim
