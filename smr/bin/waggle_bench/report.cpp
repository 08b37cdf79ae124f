#include "smr/bin/waggle_bench/report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace waggle::bench {
namespace {

using nlohmann::json;

double in_ms(std::chrono::nanoseconds span) { return static_cast<double>(span.count()) / 1e6; }

/// As many digits as a measurement deserves.
double rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

json or_null(const std::optional<double>& value) {
  return value ? json(rounded(*value, 1)) : json();
}

json rounded_list(const std::vector<double>& values) {
  json list = json::array();
  for (const double value : values) list.push_back(rounded(value, 1));
  return list;
}

/// Switches and circumstances that make less of the result than a cluster in use would give.
json weakened(const Report& report) {
  json list = json::array();
  if (report.machine.in_memory) list.push_back("data on " + report.machine.disk + ": not durable");
  return list;
}

json config_of(const Report& report) {
  const Options& options = report.options;
  json config = {{"mode", options.rate ? "open" : "closed"},
                 {"cluster", options.cluster.empty() ? "throwaway" : "running"},
                 {"replicas", report.replicas},
                 {"clients", options.clients},
                 {"sessions", report.sessions},
                 {"in_flight", options.in_flight},
                 {"batch", options.batch},
                 {"value_bytes", options.value_bytes},
                 {"keys", options.keys},
                 {"block_bytes", options.block_bytes},
                 {"warmup_s", options.warmup_seconds},
                 {"duration_s", options.duration_seconds},
                 {"weakened", weakened(report)}};
  if (options.rate) config["rate"] = *options.rate;
  return config;
}

std::string with_thousands(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

/// Lines of the form "name   value   what to hold it against".
class Lines {
 public:
  void add(std::string_view name, const std::string& value, const std::string& beside) {
    text_ += fmt::format("{:<22}{:>14}   {}\n", name, value, beside);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_latency(Lines& lines, const Report& report) {
  const auto beside = [&](std::chrono::microseconds value) {
    const auto ratio = [&](std::chrono::nanoseconds limit) {
      return static_cast<double>(std::chrono::nanoseconds(value).count()) /
             static_cast<double>(std::max<std::chrono::nanoseconds::rep>(limit.count(), 1));
    };
    return fmt::format("{} syncs of 4 KiB ({:.2f} ms), {} loopback round trips ({:.3f} ms)",
                       with_thousands(ratio(report.limits.sync_p50)), in_ms(report.limits.sync_p50),
                       with_thousands(ratio(report.limits.round_trip_p50)),
                       in_ms(report.limits.round_trip_p50));
  };
  const Histogram& latency = report.measured.latency;
  const auto add = [&](std::string_view name, std::chrono::microseconds value) {
    lines.add(name, fmt::format("{:.2f} ms", in_ms(value)), beside(value));
  };
  add("latency p50", latency.quantile(0.5));
  add("latency p90", latency.quantile(0.9));
  add("latency p99", latency.quantile(0.99));
  add("latency max", latency.max());
}

void add_resources(Lines& lines, const Report& report) {
  const double verification_us = 1e6 / report.limits.verifications_per_s;
  const auto number = [](const std::optional<double>& value, const char* unit) {
    return value ? with_thousands(*value) + unit : std::string("unknown");
  };
  const auto cpu = report.cpu_us_per_command();
  const double client = static_cast<double>(report.client_cpu_us) /
                        static_cast<double>(std::max<std::uint64_t>(report.measured.commands, 1));
  lines.add("CPU per command", number(cpu, " us"),
            fmt::format("{:.1f} us of them the clients'; one verification: {:.0f} us", client,
                        verification_us));
  std::string memory;
  for (const double mb : report.after.rss_peak_mb) memory += fmt::format(" {:.0f}", mb);
  lines.add("peak memory, MB", memory.empty() ? "unknown" : memory.substr(1),
            fmt::format("of {:.0f} GB", report.machine.memory_gb));
  lines.add("wire per command", number(report.wire_bytes_per_command(), " B"),
            fmt::format("values of {} B; TLS included, TCP headers not; each byte once",
                        report.options.value_bytes));
  lines.add("disk per command", number(report.disk_bytes_per_command(), " B"),
            "of all replicas together");
}

json killed_or_null(const std::optional<Killed>& killed) {
  if (!killed) return {};
  json value = {{"who", killed->who}};
  if (killed->replica) value["replica"] = *killed->replica;
  return value;
}

json read_back_or_null(const std::optional<Ledger::Verdict>& verdict) {
  if (!verdict) return {};
  return {{"keys", verdict->keys}, {"lost", verdict->lost}};
}

json idle_or_null(const std::optional<Idle>& idle) {
  if (!idle) return {};
  return {{"seconds", idle->seconds},
          {"cpu_percent_per_replica",
           idle->cpu_percent ? json(rounded(*idle->cpu_percent, 2)) : json()},
          {"grown_bytes", idle->grown_bytes},
          {"single_p50_ms", rounded(in_ms(idle->before_p50), 3)},
          {"first_ms", rounded(in_ms(idle->first), 3)},
          {"single_p50_after_ms", rounded(in_ms(idle->after_p50), 3)}};
}

void add_trials(Lines& lines, const Report& report) {
  lines.add("longest pause", fmt::format("{:.1f} ms", in_ms(report.measured.pause)),
            fmt::format("failed: {}, unanswered: {}{}", report.measured.failed,
                        report.measured.unanswered,
                        report.killed ? "; killed: " + report.killed->who : ""));
  if (report.rss_mb_by_minute.size() > 1) {
    std::string minutes;
    for (const double mb : report.rss_mb_by_minute) minutes += fmt::format(" {:.0f}", mb);
    lines.add("memory by minute", fmt::format("{:.0f} MB", report.rss_mb_by_minute.back()),
              "the largest replica in each minute:" + minutes);
  }
  if (report.read_back) {
    lines.add("read back", fmt::format("{} lost", report.read_back->lost),
              fmt::format("of {} keys with an acknowledged value", report.read_back->keys));
  }
  if (!report.idle) return;
  const Idle& idle = *report.idle;
  lines.add("idle CPU per replica",
            idle.cpu_percent ? fmt::format("{:.2f}%", *idle.cpu_percent) : std::string("unknown"),
            fmt::format("of a core, during {:.0f} s; files grew by {} B", idle.seconds,
                        idle.grown_bytes));
  lines.add("first after idling", fmt::format("{:.2f} ms", in_ms(idle.first)),
            fmt::format("single commands: p50 {:.2f} ms before, {:.2f} ms after",
                        in_ms(idle.before_p50), in_ms(idle.after_p50)));
}

}  // namespace

double Report::commands_per_s() const {
  return static_cast<double>(measured.commands) / options.duration_seconds;
}

std::optional<double> Report::per_command(const std::optional<std::uint64_t>& from,
                                          const std::optional<std::uint64_t>& to) const {
  // A replica that was killed has lost its counts, or began anew.
  if (killed || !from || !to || *to < *from || measured.commands == 0) return std::nullopt;
  // Usage was read a little before and after the interval in which commands were counted.
  const double commands = commands_per_s() * seconds;
  return static_cast<double>(*to - *from) / commands;
}

std::optional<double> Report::cpu_us_per_command() const {
  if (!after.cpu_us) return std::nullopt;
  return per_command(before.cpu_us, *after.cpu_us + client_cpu_us);
}

std::optional<double> Report::wire_bytes_per_command() const {
  return per_command(before.wire_bytes, after.wire_bytes);
}

std::optional<double> Report::disk_bytes_per_command() const {
  return per_command(before.disk_bytes, after.disk_bytes);
}

json Report::to_json() const {
  const Histogram& latency = measured.latency;
  const auto ms = [](std::chrono::microseconds value) { return rounded(in_ms(value), 3); };
  return {{"commands_per_s", rounded(commands_per_s(), 1)},
          {"latency_ms",
           {{"p50", ms(latency.quantile(0.5))},
            {"p90", ms(latency.quantile(0.9))},
            {"p99", ms(latency.quantile(0.99))},
            {"max", ms(latency.max())}}},
          {"cpu_us_per_command", or_null(cpu_us_per_command())},
          {"pause_ms", ms(measured.pause)},
          {"replica_rss_mb", rounded_list(after.rss_peak_mb)},
          {"rss_mb_by_minute", rounded_list(rss_mb_by_minute)},
          {"killed", killed_or_null(killed)},
          {"read_back", read_back_or_null(read_back)},
          {"idle", idle_or_null(idle)},
          {"wire_bytes_per_command", or_null(wire_bytes_per_command())},
          {"disk_bytes_per_command", or_null(disk_bytes_per_command())},
          {"limits",
           {{"ed25519_verifications_per_s_core", rounded(limits.verifications_per_s, 0)},
            {"write_4k_fdatasync_p50_ms", rounded(in_ms(limits.sync_p50), 3)},
            {"loopback_round_trip_p50_ms", rounded(in_ms(limits.round_trip_p50), 3)}}},
          {"machine",
           {{"cpu", machine.cpu},
            {"cores", machine.cores},
            {"memory_gb", rounded(machine.memory_gb, 1)},
            {"kernel", machine.kernel},
            {"disk", machine.disk},
            {"load_before", machine.load}}},
          {"commit", commit},
          {"config", config_of(*this)}};
}

std::string Report::to_text() const {
  Lines lines;
  lines.add("commands/s", with_thousands(commands_per_s()),
            fmt::format("one core verifies {} signatures/s; one request of {} commands has one",
                        with_thousands(limits.verifications_per_s), options.batch));
  add_latency(lines, *this);
  add_resources(lines, *this);
  add_trials(lines, *this);
  return lines.take() + circumstances();
}

std::string Report::circumstances() const {
  std::string text = fmt::format(
      "\n{}, {} cores, {:.0f} GB, Linux {}, {}, load {:.2f} before; commit {}\n", machine.cpu,
      machine.cores, machine.memory_gb, machine.kernel, machine.disk, machine.load, commit);
  for (const json& what : weakened(*this)) text += "weakened: " + what.get<std::string>() + "\n";
  return text;
}

}  // namespace waggle::bench
