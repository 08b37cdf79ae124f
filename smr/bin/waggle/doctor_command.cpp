#include <algorithm>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "smr/bin/waggle/answers.hpp"
#include "smr/bin/waggle/check.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/file_checks.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

struct Options {
  bool offline = false;
  std::vector<std::filesystem::path> configs;
};

/// Between the two times that all are asked: who does not move in it is behind, or stands still.
constexpr std::chrono::seconds kPause{1};

void print(const std::vector<Check>& checks) {
  std::size_t width = 0;
  for (const Check& check : checks) width = std::max(width, check.what.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = checks[i];
    fmt::print("{:<4}  {:<{}}  {}\n", to_string(check.level), check.what, width, check.text);
    // What is to be done about several lines is said once, below the last of them.
    const bool again = i + 1 < checks.size() && checks[i + 1].advice == check.advice;
    if (!check.advice.empty() && !again) fmt::print("{:{}}-> {}\n", "", width + 8, check.advice);
  }
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// Nothing when its files cannot be read; the checks of the files have said so by then.
std::optional<Network> readable(const Cli& cli) {
  try {
    return load_network(cli.cluster);
  } catch (const Failure&) {
    return std::nullopt;
  }
}

ExitCode doctor(const Cli& cli, const Options& options) {
  if (!std::filesystem::exists(cli.cluster / "genesis.toml")) load_network(cli.cluster);  // says so
  std::vector<Check> checks = check_files(cli.cluster, options.configs);
  const auto count = [&](smr::Level level) {
    return static_cast<std::size_t>(std::count_if(
        checks.begin(), checks.end(), [&](const Check& one) { return one.level == level; }));
  };
  const std::optional<Network> network = options.offline ? std::nullopt : readable(cli);
  if (network) {
    const std::vector<std::uint32_t> all = choose_replicas(*network, {});
    const std::vector<Answer> before = ask(cli, *network, all);
    std::this_thread::sleep_for(kPause);
    const std::vector<Answer> now = ask(cli, *network, all);
    for (Check& check : check_cluster(network->chain(), before, now)) {
      checks.push_back(std::move(check));
    }
  }
  const std::size_t bad = count(smr::Level::kBad);
  const std::size_t warnings = count(smr::Level::kWarn);
  if (cli.json) {
    nlohmann::json json = nlohmann::json::array();
    for (const Check& check : checks) {
      json.push_back({{"level", to_string(check.level)},
                      {"check", check.what},
                      {"text", check.text},
                      {"advice", check.advice}});
    }
    print_json({{"checks", std::move(json)}, {"bad", bad}, {"warnings", warnings}});
  } else {
    print(checks);
    fmt::print("\n{}\n", bad + warnings == 0
                             ? "All is well."
                             : counted(bad, "thing is bad", "things are bad") + ", " +
                                   counted(warnings, "warning", "warnings") + ".");
  }
  return bad == 0 ? kOk : kRefused;
}

}  // namespace

void add_doctor_command(CLI::App& app, Cli& cli) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "doctor",
      "checks the files of the network that are on this machine, then asks every replica, and says "
      "what is wrong and what to do; exit code 0 if nothing is bad, 1 otherwise");
  command->add_flag("--offline", options->offline, "only the files");
  command->add_option("--config", options->configs,
                      "another waggled.toml on this machine, besides CLUSTER/replica-N; may be "
                      "repeated");
  command->callback(
      [&cli, options] { cli.run = [&cli, options] { return doctor(cli, *options); }; });
}

}  // namespace waggle::cli
