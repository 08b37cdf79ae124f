#include "smr/bin/waggle_bench/usage.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace waggle::bench {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The number behind "name:" at the beginning of a line.
std::optional<std::uint64_t> field(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    if (!line.starts_with(name)) continue;
    const std::string_view rest = line.substr(name.size());
    const std::size_t begin = rest.find_first_not_of(": \t");
    std::uint64_t value = 0;
    if (begin == std::string_view::npos) return std::nullopt;
    const auto [end, error] =
        std::from_chars(rest.data() + begin, rest.data() + rest.size(), value);
    if (error == std::errc{}) return value;
  }
  return std::nullopt;
}

/// utime and stime, fields 14 and 15 of /proc/PID/stat; the name before them may hold anything.
std::optional<std::uint64_t> cpu_us_of(const std::string& stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) rest >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  if (!(rest >> user >> system)) return std::nullopt;
  return (user + system) * 1'000'000 / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
}

/// A connected socket, or -1.
int connect_to(const config::Address& address) {
  addrinfo* found = nullptr;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0)
    return -1;
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const bool connected = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  if (connected) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

/// Metrics are a few kilobytes; whoever sends more is no replica.
constexpr std::size_t kAnswerMax = 1 << 20;

std::string http_get(const config::Address& address, const std::string& path) {
  const int fd = connect_to(address);
  if (fd < 0) return "";
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: waggle\r\n\r\n";
  std::string answer;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    char buffer[16 << 10];
    for (ssize_t got = 0;
         answer.size() < kAnswerMax && (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  close(fd);
  return answer;
}

constexpr double kMegabyte = 1e6;

}  // namespace

std::optional<ProcessUsage> usage_of(pid_t pid) {
  const std::string folder = fmt::format("/proc/{}/", pid);
  const std::string status = text_of(folder + "status");
  const auto cpu = cpu_us_of(text_of(folder + "stat"));
  const auto disk = field(text_of(folder + "io"), "write_bytes");
  const auto rss = field(status, "VmRSS");
  const auto peak = field(status, "VmHWM");
  if (!cpu || !disk || !rss || !peak) return std::nullopt;
  return ProcessUsage{*cpu, *disk, *rss * 1024, *peak * 1024};
}

std::optional<std::uint64_t> parse_wire_bytes(std::string_view metrics) {
  const auto peers = field(metrics, "waggle_peer_bytes_out_total");
  const auto in = field(metrics, "waggle_client_bytes_in_total");
  const auto out = field(metrics, "waggle_client_bytes_out_total");
  if (!peers || !in || !out) return std::nullopt;
  return *peers + *in + *out;
}

std::optional<std::uint64_t> wire_bytes_of(const config::Address& metrics) {
  return parse_wire_bytes(http_get(metrics, "/metrics"));
}

ClusterUsage process_usage_of(const std::vector<Replica>& replicas) {
  ClusterUsage sum;
  sum.cpu_us = sum.disk_bytes = 0;
  for (const Replica& replica : replicas) {
    const auto usage = replica.pid ? usage_of(*replica.pid) : std::nullopt;
    if (!usage) {
      sum.cpu_us = sum.disk_bytes = std::nullopt;
      continue;
    }
    if (sum.cpu_us) *sum.cpu_us += usage->cpu_us;
    if (sum.disk_bytes) *sum.disk_bytes += usage->disk_bytes;
    sum.rss_mb.push_back(static_cast<double>(usage->rss_bytes) / kMegabyte);
    sum.rss_peak_mb.push_back(static_cast<double>(usage->rss_peak_bytes) / kMegabyte);
  }
  return sum;
}

ClusterUsage usage_of(const std::vector<Replica>& replicas) {
  ClusterUsage sum = process_usage_of(replicas);
  sum.wire_bytes = 0;
  for (const Replica& replica : replicas) {
    const auto bytes = replica.metrics ? wire_bytes_of(*replica.metrics) : std::nullopt;
    if (!bytes) sum.wire_bytes = std::nullopt;
    if (sum.wire_bytes) *sum.wire_bytes += *bytes;
  }
  return sum;
}

}  // namespace waggle::bench
