// waggle-bench: puts a Waggle cluster under load and measures it, beside the machine's own limits.
#include <algorithm>
#include <cstdio>
#include <exception>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/event_loop.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/bin/waggle_bench/commit.hpp"
#include "smr/bin/waggle_bench/limits.hpp"
#include "smr/bin/waggle_bench/load.hpp"
#include "smr/bin/waggle_bench/machine.hpp"
#include "smr/bin/waggle_bench/options.hpp"
#include "smr/bin/waggle_bench/report.hpp"
#include "smr/bin/waggle_bench/target.hpp"

namespace {

using namespace waggle;
using namespace waggle::bench;

constexpr std::chrono::seconds kDrain{5};

Clock::duration span_of(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

std::uint64_t own_cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; };
  return static_cast<std::uint64_t>(us(usage.ru_utime) + us(usage.ru_stime));
}

/// A line on standard error for every second; on a terminal it is drawn over.
void show_progress(double seconds, const Recorder::Recent& recent, const ClusterUsage& usage) {
  const auto ms = [&](double share) {
    return static_cast<double>(recent.latency.quantile(share).count()) / 1e3;
  };
  const auto largest = std::max_element(usage.rss_mb.begin(), usage.rss_mb.end());
  const std::string memory =
      largest == usage.rss_mb.end() ? "" : fmt::format("   {:.0f} MB", *largest);
  const bool terminal = isatty(STDERR_FILENO) != 0;
  fmt::print(stderr, "{}{:7.1f} s {:>9} commands/s   p50 {:.1f} ms   p99 {:.1f} ms{}{}",
             terminal ? "\r" : "", seconds, recent.commands, ms(0.5), ms(0.99), memory,
             terminal ? "\033[K" : "\n");
}

/// Waits, shows progress, and leaves when it is interrupted.
class Watch {
 public:
  Watch() {
    loop_.on_signal([this](int) { interrupted_ = true; });
  }
  /// Until that moment. Throws cli::Failure when interrupted, or when a replica has ended.
  void wait(Clock::time_point end, Target& target, Recorder& recorder) {
    while (Clock::now() < end) {
      const auto until = std::min(end, next_);
      loop_.run_until([this] { return interrupted_; },
                      std::chrono::duration_cast<Duration>(until - Clock::now()));
      if (interrupted_) throw cli::Failure(cli::kRefused, "interrupted");
      target.check();
      if (Clock::now() < next_) continue;
      show_progress(std::chrono::duration<double>(Clock::now() - start_).count(),
                    recorder.take_recent(), process_usage_of(target.replicas()));
      next_ += std::chrono::seconds(1);
    }
  }

 private:
  net::EventLoop loop_;
  bool interrupted_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
};

void measure(Report& report, Target& target) {
  const Options& options = report.options;
  const auto from = Clock::now() + span_of(options.warmup_seconds);
  const auto to = from + span_of(options.duration_seconds);
  Recorder recorder(from, to);
  Watch watch;
  Load load(options, target.network(), recorder);
  report.sessions = load.sessions();

  watch.wait(from, target, recorder);
  const auto started = Clock::now();
  const std::uint64_t cpu_before = own_cpu_us();
  report.before = usage_of(target.replicas());
  watch.wait(to, target, recorder);
  report.after = usage_of(target.replicas());
  report.client_cpu_us = own_cpu_us() - cpu_before;
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  load.stop(kDrain);
  report.measured = recorder.measured();
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
}

int run(const Options& options) {
  net::EventLoop::hold_signals();  // Before any thread, so that an interruption comes to Watch.
  namespace fs = std::filesystem;
  std::unique_ptr<Target> target;
  if (!options.cluster.empty()) target = running_cluster(options.cluster);
  const fs::path disk = target                   ? target->folder()
                        : options.folder.empty() ? fs::temp_directory_path()
                                                 : options.folder;
  if (!fs::is_directory(disk)) throw cli::Failure(cli::kBadInput, disk.string() + ": no folder");
  Report report{.options = options, .commit = built_commit()};
  report.machine = describe_machine(disk);
  report.limits = measure_limits(disk);
  if (!target) target = throwaway_cluster(options);
  report.replicas = target->network().chain().n();
  if (target->network().genesis.median) report.options.batch = 1;
  measure(report, *target);

  if (options.json)
    cli::print_json(report.to_json());
  else
    fmt::print("{}", report.to_text());
  const Measured& found = report.measured;
  if (found.failed > 0) {
    throw cli::Failure(cli::kRefused, fmt::format("{} commands failed; the first: {}", found.failed,
                                                  found.failure));
  }
  if (found.commands == 0) throw cli::Failure(cli::kRefused, "no command was answered in time");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = parse_options(argc, argv);
    return options ? run(*options) : 0;
  } catch (const cli::Failure& failure) {
    fmt::print(stderr, "waggle-bench: {}\n", failure.what());
    return failure.code();
  } catch (const std::exception& error) {
    fmt::print(stderr, "waggle-bench: {}\n", error.what());
    return cli::kRefused;
  }
}
