#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "smr/bin/waggle/bulk_file.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/kv_report.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Micros = std::chrono::microseconds;

struct Options {
  std::filesystem::path file;
  std::size_t batch = 64;
  bool each = false;
};

Micros since(Clock::time_point start) {
  return std::chrono::duration_cast<Micros>(Clock::now() - start);
}

/// The outcomes of a bulk, filled by the client's thread.
class Bulk {
 public:
  struct Answer {
    client::Outcome outcome;
    Micros took{0};
  };

  explicit Bulk(std::size_t count) : answers_(count) {}

  void set(std::size_t index, client::Outcome outcome, Micros took) {
    const std::lock_guard lock(mutex_);
    answers_[index] = Answer{std::move(outcome), took};
    ++done_;
    changed_.notify_one();
  }
  /// Waits until something changed or a moment passed; returns how many are done.
  std::size_t wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(100), [&] { return done_ == size(); });
    return done_;
  }
  std::size_t size() const { return answers_.size(); }
  /// Only when all are done.
  const std::vector<std::optional<Answer>>& answers() const { return answers_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
  std::vector<std::optional<Answer>> answers_;
};

/// What became of all of them.
struct Summary {
  std::size_t count = 0;
  std::map<std::string, std::size_t> verdicts;  ///< "ok", or why not.
  bool median = false;  ///< Of the median rule: entries sealed in windows, not blocks in views.
  std::uint64_t place_min = ~std::uint64_t{0};  ///< Height, or position.
  std::uint64_t place_max = 0;
  std::uint64_t view_min = ~std::uint64_t{0};
  std::uint64_t view_max = 0;
  std::vector<Micros> latencies;  ///< Of the committed ones, sorted.
  ExitCode code = kOk;

  void add(const Bulk::Answer& answer);
  Micros percentile(std::size_t percent) const {
    return latencies.empty() ? Micros(0) : latencies[(latencies.size() - 1) * percent / 100];
  }
};

std::string verdict_of(const client::Outcome& outcome) {
  if (const auto* committed = std::get_if<client::Committed>(&outcome)) {
    const auto result = app::decode_kv_result(committed->result);
    return result ? std::string(to_string(result->status)) : "unreadable";
  }
  if (const auto* rejected = std::get_if<client::Rejected>(&outcome)) {
    return "rejected: " + std::string(to_string(rejected->reason));
  }
  if (const auto* not_sent = std::get_if<client::NotSent>(&outcome)) {
    return "not sent: " + not_sent->why;
  }
  return "unknown";
}

void Summary::add(const Bulk::Answer& answer) {
  ++count;
  ++verdicts[verdict_of(answer.outcome)];
  code = std::max(code, exit_code_of(answer.outcome));
  const auto* committed = std::get_if<client::Committed>(&answer.outcome);
  if (committed == nullptr) return;
  median = committed->certificate.has_value();
  const std::uint64_t place = median ? committed->certificate->position : committed->height.value;
  place_min = std::min(place_min, place);
  place_max = std::max(place_max, place);
  view_min = std::min(view_min, committed->view.value);
  view_max = std::max(view_max, committed->view.value);
  latencies.push_back(answer.took);
}

Summary summarize(const Bulk& bulk) {
  Summary summary;
  for (const auto& answer : bulk.answers()) summary.add(*answer);
  std::sort(summary.latencies.begin(), summary.latencies.end());
  return summary;
}

void print(const Cli& cli, const Summary& summary, Micros took) {
  const double seconds = std::max(1e-6, static_cast<double>(took.count()) / 1e6);
  const double rate = static_cast<double>(summary.latencies.size()) / seconds;
  const bool any = !summary.latencies.empty();
  if (cli.json) {
    nlohmann::json json = {{"commands", summary.count},
                           {"outcomes", summary.verdicts},
                           {"seconds", seconds},
                           {"commands_per_second", rate},
                           {"latency_p50_micros", summary.percentile(50).count()},
                           {"latency_p99_micros", summary.percentile(99).count()}};
    if (any) {
      json[summary.median ? "positions" : "heights"] = {summary.place_min, summary.place_max};
      json[summary.median ? "windows" : "views"] = {summary.view_min, summary.view_max};
    }
    return print_json(json);
  }
  fmt::print("{:<10}{:>8}\n", "commands", summary.count);
  for (const auto& [verdict, count] : summary.verdicts) {
    fmt::print("{:<10}{:>8}{}\n", verdict.substr(0, verdict.find(':')), count,
               verdict.find(':') == std::string::npos ? "" : "  " + verdict);
  }
  if (any) {
    fmt::print("{:<10}  {} {} .. {}, {} {} .. {}\n", summary.median ? "entries" : "blocks",
               summary.median ? "positions" : "heights", summary.place_min, summary.place_max,
               summary.median ? "windows" : "views", summary.view_min, summary.view_max);
    fmt::print("{:<10}  {}, {:.0f} commands/s, latency p50 {}, p99 {}\n", "time", shown(took), rate,
               shown(summary.percentile(50)), shown(summary.percentile(99)));
  }
}

ExitCode submit(const Cli& cli, const Options& options) {
  const Network network = load_network(cli.cluster);
  const std::vector<app::KvCommand> commands = read_bulk_file(options.file);
  if (commands.empty()) {
    throw Failure(kBadInput, options.file.string() + ": no commands in it");
  }
  const auto start = Clock::now();
  Bulk bulk(commands.size());
  {
    const auto client = open_client(cli, network, options.batch);
    ProgressBar bar(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      client->submit(encode(commands[i]), cli.timeout(),
                     [&bulk, i, sent = Clock::now()](client::Outcome outcome) {
                       bulk.set(i, std::move(outcome), since(sent));
                     });
      if (i % 256 == 0) bar.show(i);
    }
    for (std::size_t done = 0; done < bulk.size(); bar.show(done)) done = bulk.wait();
  }
  const Micros took = since(start);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Bulk::Answer& answer = *bulk.answers()[i];
    if (options.each) report(cli, commands[i], answer.outcome, answer.took);
  }
  const Summary summary = summarize(bulk);
  print(cli, summary, took);
  return summary.code;
}

}  // namespace

void add_submit_command(CLI::App& app, Cli& cli) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("submit", "execute many commands from a file");
  command->footer(std::string(kBulkSyntax));
  command->add_option("--file", options->file, "the file, - for standard input")->required();
  command->add_option("--batch", options->batch, "commands put together into one signed request")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  command->add_flag("--each", options->each, "print every result, then the summary");
  command->callback(
      [&cli, options] { cli.run = [&cli, options] { return submit(cli, *options); }; });
}

}  // namespace waggle::cli
