#include "smr/bin/waggled/log.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace waggle::daemon {
namespace {

bool json_lines = false;

/// key=value pairs, values quoted where they hold spaces, as one JSON object's inner part.
std::string to_json_members(const std::string& line) {
  std::string members;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t equals = line.find('=', at);
    if (equals == std::string::npos) break;
    const std::string key = line.substr(at, equals - at);
    std::string value;
    at = equals + 1;
    if (at < line.size() && line[at] == '"') {
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\' && at + 1 < line.size()) ++at;
        value.push_back(line[at]);
      }
      at = std::min(line.size(), at + 2);
    } else {
      const std::size_t end = std::min(line.find(' ', at), line.size());
      value = line.substr(at, end - at);
      at = end + 1;
    }
    members += "," + nlohmann::json(key).dump() + ":" + nlohmann::json(value).dump();
  }
  return members;
}

spdlog::level::level_enum level_of(smr::Severity severity) {
  switch (severity) {
    case smr::Severity::kDebug: return spdlog::level::debug;
    case smr::Severity::kInfo: return spdlog::level::info;
    case smr::Severity::kWarning: return spdlog::level::warn;
    case smr::Severity::kError: break;
  }
  return spdlog::level::err;
}

}  // namespace

void init_log(const config::LogSettings& settings, ReplicaId self) {
  auto logger = spdlog::stderr_logger_mt("waggled");
  const std::string id = std::to_string(self.value);
  json_lines = settings.format == config::LogFormat::kJson;
  if (json_lines) {
    logger->set_pattern(R"({"ts":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","replica":")" + id +
                        R"("%v})");
  } else {
    logger->set_pattern("ts=%Y-%m-%dT%H:%M:%S.%e%z level=%l replica=" + id + " %v");
  }
  logger->set_level(spdlog::level::from_str(settings.level == "warn" ? "warning" : settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log(smr::Severity severity, const std::string& line) {
  const auto level = level_of(severity);
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "{}", json_lines ? to_json_members(line) : line);
}

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c == '\n' ? ' ' : c);
  }
  return out + "\"";
}

}  // namespace waggle::daemon
