// waggle: talks to a Waggle cluster, and runs one on this machine for trying things out.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/output.hpp"

namespace {

using namespace waggle::cli;

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused: it was not executed, or the store said no (key not found, compare-and-swap\n"
    "     mismatch, not a number), or too few replicas are up\n"
    "  2  bad usage, configuration or input\n"
    "  3  unknown: the deadline passed after it was sent; it may still be executed, once\n"
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
  add_submit_command(app, cli);
  add_status_command(app, cli);
  add_keygen_command(app, cli);
  add_config_command(app, cli);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  }
  try {
    return cli.run();
  } catch (const Failure& failure) {
    return fail(cli, failure.code(), failure.what());
  } catch (const std::exception& error) {
    return fail(cli, kBadInput, error.what());
  }
}
