#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/table.hpp"

/// Experiments: questions, the runs that answer them, and the tables and figures made of these.
namespace waggle::sim {

/// How much is run.
struct Scale {
  bool quick = false;  ///< Few seeds and small sizes, for tests.
};

/// One run of an experiment.
struct Cell {
  /// An object that tells the run from the others of its experiment; its result is kept under it.
  nlohmann::json parameters;
  /// Does it and returns what was measured; in a process of its own, so that it may abort. Equal
  /// parameters measure equal values.
  std::function<nlohmann::json()> run;
  /// What the run is made from besides, such as the scenario's text: when that is another one, a
  /// result that was kept counts no more.
  std::string inputs;
};

struct CellResult {
  nlohmann::json parameters;
  nlohmann::json measured;
};

/// Something that the experiment is expected to show, and whether the results do.
struct Claim {
  std::string expected;  ///< A sentence.
  std::string found;     ///< The numbers that decide it.
  bool holds = false;
};

struct Figure {
  std::string suffix;  ///< Of the file's name: NAME-suffix.svg; empty: NAME.svg.
  std::string caption;
  std::string svg;
};

/// What becomes of the results.
struct Findings {
  Table data;                 ///< The CSV: raw and aggregated, units in the names of the columns.
  std::vector<Table> tables;  ///< Of the summary.
  std::vector<Figure> figures;
  std::vector<Claim> claims;
};

/// Both functions are pure: equal scales make equal cells, equal results equal findings.
struct Experiment {
  std::string_view name;      ///< As the command line calls it.
  std::string_view title;     ///< Of its page.
  std::string_view question;  ///< One or two sentences.
  // Parts of its page, in Markdown.
  std::string_view setup;
  std::string_view reading;  ///< What one sees, and why.
  std::string_view limits;
  std::vector<Cell> (*cells)(const Scale& scale);
  /// `results` in the order of the cells.
  Findings (*evaluate)(const std::vector<CellResult>& results, const Scale& scale);
};

/// In the order of the documentation.
std::span<const Experiment* const> experiments();
/// Null if there is none of this name.
const Experiment* find_experiment(std::string_view name);

}  // namespace waggle::sim
