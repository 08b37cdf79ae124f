#include "smr/bin/waggle_bench/run.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crypto/ed25519.hpp"
#include "smr/app/kv_command.hpp"
#include "smr/bin/waggle_bench/load.hpp"

namespace waggle::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds kDrain{5};
constexpr std::chrono::seconds kAnswer{30};

Clock::duration span_of(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

std::uint64_t own_cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; };
  return static_cast<std::uint64_t>(us(usage.ru_utime) + us(usage.ru_stime));
}

double largest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

/// A line on standard error for every second; on a terminal it is drawn over.
void show_progress(double seconds, const Recorder::Recent& recent, const ClusterUsage& usage) {
  const auto ms = [&](double share) {
    return static_cast<double>(recent.latency.quantile(share).count()) / 1e3;
  };
  const std::string memory =
      usage.rss_mb.empty() ? "" : fmt::format("   {:.0f} MB", largest(usage.rss_mb));
  const bool terminal = isatty(STDERR_FILENO) != 0;
  fmt::print(stderr, "{}{:7.1f} s {:>9} commands/s   p50 {:.1f} ms   p99 {:.1f} ms{}{}",
             terminal ? "\r" : "", seconds, recent.commands, ms(0.5), ms(0.99), memory,
             terminal ? "\033[K" : "\n");
}

/// A client of its own, with a new key.
std::unique_ptr<client::Client> open_client(const Target& target) {
  client::ClientOptions options = cli::client_options(target.network());
  options.key = std::make_shared<crypto::Ed25519Signer>(crypto::KeyPair::generate());
  options.key_is_new = true;
  auto opened = client::Client::open(std::move(options));
  if (!opened) throw cli::Failure(cli::kRefused, opened.error());
  return std::move(*opened);
}

/// kill -9 of the replica that leads, as it says itself, or of all, who come back at once.
Killed kill(const std::string& who, Target& target) {
  if (who == "all") {
    for (std::size_t i = 0; i < target.replicas().size(); ++i) target.kill(i);
    for (std::size_t i = 0; i < target.replicas().size(); ++i) target.start(i);
    return {who, std::nullopt};
  }
  const auto reader = cli::open_reader(target.network());
  const auto status = reader->status(ReplicaId{0}, std::chrono::seconds(2)).get();
  if (!status) throw cli::Failure(cli::kRefused, "replica 0 does not say who leads");
  target.kill(status->leader.value);
  return {who, status->leader.value};
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;  // files come and go
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    const auto size = entry.is_regular_file(ignored) ? entry.file_size(ignored) : 0;
    if (size != static_cast<std::uintmax_t>(-1)) bytes += size;
  }
  return bytes;
}

/// So many commands, one after the other.
Histogram single_commands(client::Client& client, int count) {
  Histogram latency;
  for (int i = 0; i < count; ++i) {
    const auto sent = Clock::now();
    const auto put = app::KvPut{to_bytes("single"), Bytes(128, static_cast<std::uint8_t>(i))};
    const auto outcome = client.execute(encode(app::KvCommand(put)), kAnswer);
    if (!std::holds_alternative<client::Committed>(outcome)) {
      throw cli::Failure(cli::kRefused, "a single command was not committed");
    }
    latency.add(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent));
  }
  return latency;
}

}  // namespace

Watch::Watch() {
  loop_.on_signal([this](int) { interrupted_ = true; });
}

void Watch::wait_until(Clock::time_point until, Target& target) {
  loop_.run_until([this] { return interrupted_; },
                  std::chrono::duration_cast<Duration>(until - Clock::now()));
  if (interrupted_) throw cli::Failure(cli::kRefused, "interrupted");
  target.check();
}

void Watch::note_memory(const ClusterUsage& usage) {
  const auto minute = static_cast<std::size_t>((Clock::now() - start_) / std::chrono::minutes(1));
  rss_mb_by_minute_.resize(std::max(rss_mb_by_minute_.size(), minute + 1));
  double& most = rss_mb_by_minute_[minute];
  most = std::max(most, largest(usage.rss_mb));
}

void Watch::wait(Clock::time_point end, Target& target, Recorder& recorder) {
  while (Clock::now() < end) {
    wait_until(std::min(end, next_), target);
    if (Clock::now() < next_) continue;
    const ClusterUsage usage = process_usage_of(target.replicas());
    note_memory(usage);
    show_progress(std::chrono::duration<double>(Clock::now() - start_).count(),
                  recorder.take_recent(), usage);
    next_ += std::chrono::seconds(1);
  }
}

void Watch::rest(Clock::time_point end, Target& target) {
  while (Clock::now() < end)
    wait_until(std::min(end, Clock::now() + std::chrono::seconds(1)), target);
}

void measure(Report& report, Target& target) {
  const Options& options = report.options;
  const auto from = Clock::now() + span_of(options.warmup_seconds);
  const auto to = from + span_of(options.duration_seconds);
  Recorder recorder(from, to);
  Ledger ledger;
  Watch watch;
  Load load(options, target.network(), recorder, options.read_back ? &ledger : nullptr);
  report.sessions = load.sessions();

  watch.wait(from, target, recorder);
  const auto started = Clock::now();
  const std::uint64_t cpu_before = own_cpu_us();
  report.before = usage_of(target.replicas());
  if (!options.kill.empty()) {
    watch.wait(from + (to - from) / 3, target, recorder);
    report.killed = kill(options.kill, target);
  }
  watch.wait(to, target, recorder);
  report.after = usage_of(target.replicas());
  report.client_cpu_us = own_cpu_us() - cpu_before;
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  load.stop(kDrain);
  report.measured = recorder.measured();
  report.rss_mb_by_minute = watch.rss_mb_by_minute();
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
  if (options.read_back) {
    report.read_back = ledger.compare(read_store(*open_client(target), "key-", kAnswer));
  }
}

Idle measure_idle(Target& target, double seconds) {
  constexpr int kSingles = 200;
  Watch watch;
  Idle idle{.seconds = seconds};
  const auto client = open_client(target);
  single_commands(*client, 20);  // connects, and finds its session
  idle.before_p50 = single_commands(*client, kSingles).quantile(0.5);

  const std::uint64_t bytes = bytes_below(target.folder());
  const ClusterUsage before = process_usage_of(target.replicas());
  watch.rest(Clock::now() + span_of(seconds), target);
  const ClusterUsage after = process_usage_of(target.replicas());
  idle.grown_bytes =
      static_cast<std::int64_t>(bytes_below(target.folder())) - static_cast<std::int64_t>(bytes);
  if (before.cpu_us && after.cpu_us && !target.replicas().empty()) {
    idle.cpu_percent = static_cast<double>(*after.cpu_us - *before.cpu_us) / 1e4 / seconds /
                       static_cast<double>(target.replicas().size());
  }
  idle.first = single_commands(*client, 1).max();
  idle.after_p50 = single_commands(*client, kSingles).quantile(0.5);
  return idle;
}

std::vector<Report> measure_sweep(const Report& base, Target& target) {
  std::vector<Report> reports;
  for (const std::uint32_t in_flight : base.options.sweep) {
    Report report = base;
    report.options.clients = std::min(base.options.clients, in_flight);
    report.options.in_flight = (in_flight + report.options.clients - 1) / report.options.clients;
    fmt::print(stderr, "{} in flight\n", in_flight);
    measure(report, target);
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace waggle::bench
