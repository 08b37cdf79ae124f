// waggle: talks to a Waggle cluster, and runs one on this machine for trying things out.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/config/nearest.hpp"

namespace {

using namespace waggle::cli;

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused: it was not executed, or the store said no (key not found, compare-and-swap\n"
    "     mismatch, not a number), too few replicas are up, or doctor found something bad\n"
    "  2  bad usage, configuration or input\n"
    "  3  unknown: the deadline passed after it was sent; it may still be executed, once\n"
    "  4  done, but the proof asked for with --proof could not be had in time\n"
    "\n"
    "Keys and values are any bytes; what is not printable is shown as \\xNN, and in JSON as hex\n"
    "under \"key_hex\" and \"value_hex\".";

void add_options(CLI::App& app, Cli& cli) {
  app.add_option("--cluster", cli.cluster, "folder with genesis.toml and cluster.toml")
      ->envname("WAGGLE_CLUSTER")
      ->capture_default_str();
  app.add_option("--key", cli.key, "the client's key file [client.key in the cluster's folder]")
      ->envname("WAGGLE_KEY");
  app.add_option("--timeout", cli.timeout_seconds, "seconds to wait for an outcome")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  app.add_flag("--json", cli.json, "answer in JSON");
}

ExitCode fail(const Cli& cli, ExitCode code, const std::string& message) {
  if (cli.json)
    print_json({{"error", message}, {"exit_code", static_cast<int>(code)}});
  else
    std::fprintf(stderr, "waggle: %s\n", message.c_str());
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
  return fail(cli, kBadInput, message + " (waggle --help tells more)");
}

}  // namespace

int main(int argc, char** argv) {
  Cli cli;
  CLI::App app{"waggle: client and cluster tool of Waggle", "waggle"};
  app.footer(kFooter);
  app.fallthrough();
  app.require_subcommand(1);
  add_options(app, cli);
  add_testnet_commands(app, cli);
  add_kv_commands(app, cli);
  add_proof_commands(app, cli);
  add_submit_command(app, cli);
  add_status_command(app, cli);
  add_doctor_command(app, cli);
  add_keygen_command(app, cli);
  add_bind_command(app, cli);
  add_config_command(app, cli);
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
