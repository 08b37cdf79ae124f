// waggle-sim rounds: the median rule in synchronous rounds, for many servers.
#include <charconv>
#include <ctime>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/bin/rounds_findings.hpp"
#include "sim/explore/shrink_rounds.hpp"
#include "sim/rounds/log_run.hpp"
#include "sim/rounds/planted.hpp"
#include "sim/rounds/value_world.hpp"

namespace waggle::sim {
namespace {

using namespace rounds;
using nlohmann::json;

struct Arguments {
  std::string rule = "compact";
  median::Parameters parameters{.n = 1000};
  median::Choices choices;
  std::string sigma = "1";
  std::string block = "none";
  std::uint64_t seed = 1;
  std::uint64_t rounds = 200;
  std::uint64_t every = 0;
  std::uint32_t load = 4;
  std::uint64_t load_until = UINT64_MAX;
  std::uint64_t doubling_percent = 0;
  std::uint64_t calm = 0;
  std::uint64_t bound = 0;
  bool no_audit = false;
  std::vector<std::string> without;
  bool shrink = false;
  std::uint32_t tries = 2000;
  std::uint32_t useful_percent = 100;
  std::uint64_t values = 2;
  bool command_order = false;
  bool increment_windows = false;
};

bool is_value_rule(const std::string& rule) {
  return rule == "median" || rule == "priority" || rule == "gossip";
}

/// "2" or "3/2".
median::Ratio ratio(const std::string& text) {
  median::Ratio result;
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, result.numerator);
  if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '/') {
    parsed = std::from_chars(parsed.ptr + 1, end, result.denominator);
  }
  if (parsed.ec != std::errc() || parsed.ptr != end)
    throw Failure(kBadInput, "--sigma: write 2, or 3/2");
  return result;
}

/// Collects the rows of the table, and prints them as they come unless JSON is asked for.
class Table {
 public:
  Table(bool quiet, std::vector<std::string> columns) : quiet_(quiet), columns_(columns) {
    if (!quiet_) print(columns_);
  }
  void row(const std::vector<std::uint64_t>& cells) {
    json entry = json::object();
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      entry[columns_[i]] = cells[i];
      texts.push_back(std::to_string(cells[i]));
    }
    rows_.push_back(std::move(entry));
    if (!quiet_) print(texts);
  }
  const json& rows() const { return rows_; }

 private:
  static void print(const std::vector<std::string>& cells) {
    std::string line;
    for (const std::string& cell : cells) line += fmt::format("{:>12}", cell);
    fmt::print("{}\n", line);
  }
  bool quiet_;
  std::vector<std::string> columns_;
  json rows_ = json::array();
};

/// Says the rest, in JSON or as lines.
void conclude(const Arguments& arguments, const Table& table, json summary, bool as_json) {
  if (as_json) {
    summary.update({{"rule", arguments.rule},
                    {"n", arguments.parameters.n},
                    {"block", arguments.block},
                    {"seed", arguments.seed},
                    {"rows", table.rows()}});
    fmt::print("{}\n", summary.dump());
    return;
  }
  for (const auto& [key, value] : summary.items()) {
    fmt::print("{:<24}{}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

/// Of processor time, so that other programs do not count.
class Stopwatch {
 public:
  /// Nanoseconds per server and round.
  std::uint64_t per_step(std::uint64_t rounds, std::uint32_t n) const {
    const double ns = 1e9 * static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC;
    return rounds == 0 ? 0 : static_cast<std::uint64_t>(ns) / (rounds * n);
  }

 private:
  std::clock_t start_ = std::clock();
};

ExitCode run_values(const Arguments& arguments, std::unique_ptr<Blocker> blocker, bool as_json) {
  ValueOptions options{.parameters = arguments.parameters,
                       .seed = arguments.seed,
                       .useful = permille(std::uint64_t{arguments.useful_percent} * 10),
                       .values = arguments.values};
  if (arguments.rule == "priority") options.rule = ValueRule::kPriority;
  if (arguments.rule == "gossip") options.rule = ValueRule::kGossip;
  ValueWorld world(options, std::move(blocker));
  Table table(as_json, {"round", "blocked", "useful", "values"});
  const Stopwatch watch;
  json agreed_at;
  while (world.rounds() < arguments.rounds) {
    world.round();
    const std::uint32_t distinct = world.distinct();
    if (distinct == 1 && agreed_at.is_null()) agreed_at = world.rounds();
    if (distinct > 1) agreed_at = nullptr;
    if (world.rounds() % arguments.every == 0) {
      table.row({world.rounds(), world.blocked(), world.useful(), distinct});
    }
  }
  json summary{{"agreed_since_round", agreed_at},
               {"useful_at_the_end", world.useful()},
               {"ns_per_server_and_round", watch.per_step(world.rounds(), options.parameters.n)}};
  conclude(arguments, table, std::move(summary), as_json);
  return kHeld;
}

json findings_of(const median::Findings& findings) {
  json result = json::object();
  for (std::size_t i = 0; i < median::kFindingCount; ++i) {
    const auto finding = static_cast<median::Finding>(i);
    result[std::string(to_string(finding))] = findings.count(finding);
  }
  return result;
}

LogRun log_run(const Arguments& arguments) {
  LogOptions options{.parameters = arguments.parameters,
                     .choices = arguments.choices,
                     .seed = arguments.seed,
                     .load = arguments.load};
  if (arguments.rule == "recovery") options.rule = LogRule::kRecovery;
  if (arguments.rule == "sealed") options.rule = LogRule::kSealed;
  options.doubling = permille(arguments.doubling_percent * 10);
  options.load_until = arguments.load_until;
  options.audit = !arguments.no_audit;
  options.calm = arguments.calm;
  if (arguments.bound > 0) options.bound = arguments.bound;
  if (arguments.command_order) options.choices.order = median::Choices::Order::kCommandOnly;
  options.choices.window_by_round = !arguments.increment_windows;
  return {.options = options,
          .block = arguments.block,
          .rounds = arguments.rounds,
          .without = arguments.without};
}

/// Makes a failing run smaller, and says how to do that one.
ExitCode shrink_logs(const Arguments& arguments, bool as_json) {
  const auto small = shrink_rounds(log_run(arguments), arguments.tries);
  if (!small) throw Failure(kBadInput, "all checks hold; there is nothing to shrink");
  if (as_json) {
    const json out{{"property", small->failure.property},
                   {"detail", small->failure.detail},
                   {"rounds", small->run.rounds},
                   {"n", small->run.options.parameters.n},
                   {"tried", small->tried},
                   {"reproduce", small->failure.command}};
    fmt::print("{}\n", out.dump(-1, ' ', false, json::error_handler_t::replace));
    return kHeld;
  }
  fmt::print("shrunk     {} servers for {} rounds to {} for {}; {} of {} tries helped\n",
             arguments.parameters.n, arguments.rounds, small->run.options.parameters.n,
             small->run.rounds, small->helped, small->tried);
  fmt::print("violation  {}\n", small->failure.detail);
  fmt::print("reproduce: {}\n", small->failure.command);
  return kHeld;
}

ExitCode run_logs(const Arguments& arguments, std::unique_ptr<Blocker> blocker, bool as_json) {
  if (arguments.shrink) return shrink_logs(arguments, as_json);
  LogOptions options = log_run(arguments).options;
  for (const std::string& name : arguments.without) find_planted_rule(name)->plant(options);
  LogWorld world(options, std::move(blocker));
  Table table(as_json, {"round", "blocked", "useful", "least", "most", "submitted", "told"});
  const Stopwatch watch;
  while (world.rounds() < arguments.rounds) {
    world.round();
    if (world.rounds() % arguments.every != 0) continue;
    table.row({world.rounds(), world.blocked(), world.useful(), world.committed_least(),
               world.committed_most(), world.clients().submitted(),
               world.clients().acknowledged()});
  }
  const Clients& clients = world.clients();
  const auto complaint = world.complaint();
  json summary{{"verdict", complaint ? complaint->text() : "holds"},
               {"findings", findings_of(world.servers().findings())},
               {"latency_mean_milli", clients.mean_latency_milli()},
               {"latency_p50", clients.latency(500)},
               {"latency_p99", clients.latency(990)},
               {"log_entries_most", world.entries_most()},
               {"restarts", world.restarts()},
               {"ns_per_server_and_round", watch.per_step(world.rounds(), options.parameters.n)}};
  conclude(arguments, table, std::move(summary), as_json);
  if (!complaint) return kHeld;
  return complaint->property == "liveness" ? kStuck : kViolated;
}

ExitCode run(Arguments arguments, bool as_json) {
  arguments.parameters.sigma = ratio(arguments.sigma);
  if (const auto checked = median::check(arguments.parameters); !checked) {
    throw Failure(kBadInput, checked.error().message);
  }
  check_planted_rules(arguments.without);
  auto blocker = make_blocker(arguments.block);
  if (!blocker) throw Failure(kBadInput, "--block: " + blocker.error());
  if (arguments.every == 0) arguments.every = std::max<std::uint64_t>(arguments.rounds / 20, 1);
  if (is_value_rule(arguments.rule)) return run_values(arguments, std::move(*blocker), as_json);
  return run_logs(arguments, std::move(*blocker), as_json);
}

std::string block_help() {
  std::string text =
      "who is blocked; several with commas between, and each with @FROM+ROUNDS[/EVERY] behind it:";
  for (const Strategy& strategy : strategies()) {
    text += fmt::format("\n  {}{}: {}", strategy.name, strategy.arguments, strategy.what);
  }
  return text;
}

}  // namespace

void add_rounds_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("rounds", "the median rule in synchronous rounds, for many servers");
  const auto option = [command](const char* name, auto& value, const char* what) {
    return command->add_option(name, value, what)->capture_default_str();
  };
  median::Parameters& parameters = arguments->parameters;
  option("--rule", arguments->rule, "single values: median, priority, gossip; logs: the others")
      ->check(CLI::IsMember({"median", "priority", "gossip", "compact", "recovery", "sealed"}));
  option("--n", parameters.n, "servers")->check(CLI::Range(1, 1 << 20));
  option("--k", parameters.k, "requests of a server in a round");
  option("--l", parameters.l, "replies that it needs");
  option("--t", parameters.T, "rounds until an entry may commit");
  option("--b", parameters.B, "sealed: rounds of a window");
  option("--sigma", arguments->sigma, "amplification: append requests go to sigma * log2(n)");
  option("--rounds", arguments->rounds, "rounds to run");
  option("--seed", arguments->seed, "of all chance");
  command->add_option("--block", arguments->block, block_help())->capture_default_str();
  option("--every", arguments->every, "rounds between two rows; 0: twenty rows");
  option("--load", arguments->load, "logs: commands submitted in each round");
  command->add_option("--load-until", arguments->load_until,
                      "logs: from this round on nothing is submitted");
  option("--doubling", arguments->doubling_percent,
         "logs: per cent of clients that submit two commands under each number")
      ->check(CLI::Range(0, 100));
  option("--bound", arguments->bound,
         "logs: commands are to be acknowledged within so many rounds; 0: at any time");
  option("--calm", arguments->calm, "logs: the round from which on --bound counts");
  command->add_flag("--no-audit", arguments->no_audit,
                    "sealed: certificates and memory are not judged");
  command->add_option("--without", arguments->without, "logs: plants a bug, to see it found")
      ->allow_extra_args(false);
  command->add_flag("--shrink", arguments->shrink,
                    "logs: makes the run smaller, as long as the same property is violated");
  option("--tries", arguments->tries, "runs that --shrink may take");
  option("--useful", arguments->useful_percent, "values: per cent that hold one at the start")
      ->check(CLI::Range(0, 100));
  option("--values", arguments->values, "values: how many different ones")
      ->check(CLI::PositiveNumber);
  command->add_flag("--execute-once", arguments->choices.execute_once, "repair, section 7.4");
  command->add_flag("--skip-boundary", arguments->choices.skip_boundary, "repair, section 7.4");
  command->add_flag("--empty-prefix", arguments->choices.initial_prefix_empty,
                    "recovery: the first checkpoint has an empty prefix");
  command->add_flag("--command-order", arguments->command_order,
                    "logs are compared without their stamps");
  command->add_flag("--increment-windows", arguments->increment_windows,
                    "recovery: windows are numbered W + 1");
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
