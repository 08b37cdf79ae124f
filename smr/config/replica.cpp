#include "smr/config/replica.hpp"

#include <fmt/format.h>

#include "smr/config/section.hpp"

namespace waggle::config {
namespace {

using std::chrono::milliseconds;

Duration read_span(const Section& section, std::string_view key, Range range, Duration fallback) {
  const auto ms = std::chrono::duration_cast<milliseconds>(fallback).count();
  return milliseconds(section.integer<std::int64_t>(key, range, ms));
}

chained::PacemakerConfig read_pacemaker(const Section& section) {
  chained::PacemakerConfig result;
  const auto read = [&](std::string_view key, Range range, Duration& span) {
    span = read_span(section, key, range, span);
  };
  read("view_timeout_ms", {10, 600'000}, result.view_timeout);
  read("timeout_max_ms", {10, 3'600'000}, result.timeout_max);
  read("grace_ms", {0, 60'000}, result.grace);
  read("unreachable_timeout_ms", {1, 600'000}, result.unreachable_timeout);
  read("per_suffix_block_ms", {0, 60'000}, result.per_suffix_block);
  read("heartbeat_ms", {10, 600'000}, result.heartbeat);
  read("fetch_retry_ms", {1, 60'000}, result.fetch_retry);
  read("rejoin_retry_ms", {10, 60'000}, result.rejoin_retry);
  if (result.timeout_max < result.view_timeout) {
    section.fail("timeout_max_ms", "must not be below view_timeout_ms");
  }
  return result;
}

using Origins = std::map<std::string, Origin, std::less<>>;

void keep_origins(const Section& section, std::initializer_list<std::string_view> keys,
                  Origins& origins) {
  for (const std::string_view key : keys) {
    Origin origin = section.origin(key);
    origins.emplace(origin.key, origin);
  }
}

MempoolSettings read_mempool(const Section& section, Origins& origins) {
  constexpr std::int64_t kCountMax = 100'000'000;
  constexpr std::int64_t kBytesMax = std::int64_t{1} << 40;
  MempoolSettings result;
  result.requests_max = section.integer("requests_max", {1, kCountMax}, result.requests_max);
  result.bytes_max = section.integer("bytes_max", {1024, kBytesMax}, result.bytes_max);
  result.client_requests_max =
      section.integer("client_requests_max", {1, kCountMax}, result.client_requests_max);
  result.client_bytes_max =
      section.integer("client_bytes_max", {1024, kBytesMax}, result.client_bytes_max);
  result.forward_after = read_span(section, "forward_ms", {1, 60'000}, result.forward_after);
  keep_origins(section, {"bytes_max", "client_bytes_max"}, origins);
  return result;
}

LogSettings read_log(const Section& section) {
  LogSettings result;
  result.level = section.word("level", {"debug", "info", "warn", "error"}, result.level);
  const std::string format = section.word("format", {"logfmt", "json"}, "logfmt");
  result.format = format == "json" ? LogFormat::kJson : LogFormat::kLogfmt;
  return result;
}

}  // namespace

Loaded<ReplicaSettings> load_replica(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return Unexpected{text.error()};
  return parse_replica(*text, file);
}

Loaded<ReplicaSettings> parse_replica(std::string_view text, const std::string& file) {
  const auto table = parse_toml(text, file);
  if (!table) return Unexpected{table.error()};
  Diagnosis diagnosis(file);
  const Section root(*table, "",
                     {"genesis", "cluster", "replica", "consensus_key_file", "tls_key_file",
                      "data_dir", "peer_listen", "client_listen", "metrics_listen",
                      "verify_threads", "log", "pacemaker", "mempool"},
                     diagnosis);
  const auto folder = std::filesystem::path(file).parent_path();
  const auto path = [&](std::string_view key) {
    return (folder / root.text(key)).lexically_normal();
  };

  ReplicaSettings settings;
  settings.genesis = path("genesis");
  settings.cluster = path("cluster");
  settings.replica.value = root.integer<std::uint32_t>("replica", {0, 255});
  settings.consensus_key_file = path("consensus_key_file");
  settings.tls_key_file = path("tls_key_file");
  settings.data_dir = path("data_dir");
  settings.peer_listen = root.optional_address("peer_listen");
  settings.client_listen = root.optional_address("client_listen");
  settings.metrics_listen = root.optional_address("metrics_listen");
  settings.verify_threads = root.integer<std::uint32_t>("verify_threads", {0, 256}, 0);
  settings.log = read_log(root.optional_section("log", {"level", "format"}));
  settings.pacemaker = read_pacemaker(root.optional_section(
      "pacemaker", {"view_timeout_ms", "timeout_max_ms", "grace_ms", "unreachable_timeout_ms",
                    "per_suffix_block_ms", "heartbeat_ms", "fetch_retry_ms", "rejoin_retry_ms"}));
  settings.mempool = read_mempool(
      root.optional_section("mempool", {"requests_max", "bytes_max", "client_requests_max",
                                        "client_bytes_max", "forward_ms"}),
      settings.origins);
  keep_origins(root,
               {"genesis", "cluster", "replica", "consensus_key_file", "tls_key_file", "data_dir",
                "peer_listen", "client_listen", "metrics_listen"},
               settings.origins);
  return diagnosis.finish(std::move(settings));
}

Origin ReplicaSettings::origin(std::string_view key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{"", 0, std::string(key)} : found->second;
}

Loaded<void> check_replica(const ReplicaSettings& settings, const ChainConfig& chain) {
  if (!chain.has(settings.replica)) {
    return Unexpected{settings.origin("replica").error(
        fmt::format("{} is not in the genesis file, which lists 0 .. {}", settings.replica.value,
                    chain.n() - 1))};
  }
  const std::uint32_t request = chain.limits.request_bytes_max;
  const auto has_room = [&](std::string_view key, std::uint64_t bytes) -> Loaded<void> {
    if (bytes >= request) return {};
    return Unexpected{settings.origin(key).error(
        fmt::format("{} bytes, but the genesis file allows requests of {} "
                    "(limits.request_bytes_max): such a request could never wait for a block",
                    bytes, request))};
  };
  if (auto all = has_room("mempool.bytes_max", settings.mempool.bytes_max); !all) return all;
  return has_room("mempool.client_bytes_max", settings.mempool.client_bytes_max);
}

}  // namespace waggle::config
