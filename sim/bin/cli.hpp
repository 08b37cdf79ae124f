#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace waggle::sim {

/// Exit codes, documented in --help.
enum ExitCode : int {
  kHeld = 0,      ///< All checks held.
  kViolated = 1,  ///< A property was violated.
  kBadInput = 2,  ///< Usage, scenario or file.
  kStuck = 3,     ///< Not live within the bound.
};

/// Ends the program with a line for the user. Thrown only inside this program.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// What the command line says for all commands, and the command that was chosen.
struct Cli {
  bool json = false;
  std::function<ExitCode()> run;  ///< Set by the parser.
};

// Each adds its command; the Cli outlives the App.
void add_run_command(CLI::App& app, Cli& cli);
void add_calibrate_command(CLI::App& app, Cli& cli);
void add_experiment_command(CLI::App& app, Cli& cli);
void add_explore_command(CLI::App& app, Cli& cli);
void add_replay_command(CLI::App& app, Cli& cli);
void add_report_command(CLI::App& app, Cli& cli);
void add_rounds_command(CLI::App& app, Cli& cli);
void add_shrink_command(CLI::App& app, Cli& cli);
void add_twins_command(CLI::App& app, Cli& cli);

}  // namespace waggle::sim
