// waggle-sim: runs the replica host and its cores in a simulated world and judges what they do.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "smr/config/nearest.hpp"

namespace {

using namespace waggle::sim;

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  all checks held\n"
    "  1  a property was violated\n"
    "  2  bad usage, scenario or file\n"
    "  3  not live within the bound\n"
    "\n"
    "docs/simulator.md has the schema of scenarios and traces; sim/scenarios has examples.";

ExitCode fail(const Cli& cli, ExitCode code, const std::string& message) {
  if (cli.json) {
    std::puts(nlohmann::json{{"error", message}, {"exit_code", static_cast<int>(code)}}
                  .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                  .c_str());
  } else {
    std::fprintf(stderr, "waggle-sim: %s\n", message.c_str());
  }
  return code;
}

/// What was mistyped, if it was the name of the command.
std::string unknown_command(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  if (rest.empty() || !app.get_subcommands().empty()) return "";
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view close = waggle::config::nearest(rest.front(), views);
  std::string message = "unknown command " + rest.front();
  if (!close.empty()) message += "; did you mean " + std::string(close) + "?";
  return message;
}

int usage_error(const CLI::App& app, const Cli& cli, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help
  std::string message = unknown_command(app);
  if (message.empty()) message = error.what();
  return fail(cli, kBadInput, message + " (waggle-sim --help tells more)");
}

}  // namespace

int main(int argc, char** argv) {
  Cli cli;
  CLI::App app{"waggle-sim: Waggle's replicas in a simulated world", "waggle-sim"};
  app.footer(kFooter);
  app.fallthrough();
  app.require_subcommand(1);
  app.add_flag("--json", cli.json, "answer in JSON");
  add_run_command(app, cli);
  add_explore_command(app, cli);
  add_calibrate_command(app, cli);
  add_experiment_command(app, cli);
  add_shrink_command(app, cli);
  add_replay_command(app, cli);
  add_report_command(app, cli);
  add_rounds_command(app, cli);
  add_twins_command(app, cli);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, cli, error);
  }
  try {
    return cli.run();
  } catch (const Failure& failure) {
    return fail(cli, failure.code(), failure.what());
  } catch (const std::exception& error) {
    return fail(cli, kBadInput, error.what());
  }
}
