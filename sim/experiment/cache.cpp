#include "sim/experiment/cache.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/scenario/run.hpp"
#include "sim/world/cores.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

/// To be raised when measured values change though the runs are the same.
constexpr std::uint32_t kMeasures = 2;

/// The digest of a short run with a crash and lost messages: another behaviour has another one.
std::uint64_t behaviour_of(std::string_view core) {
  Scenario scenario;
  scenario.world.core = std::string(core);
  scenario.world.network.quality.lost = permille(20);
  scenario.duration = std::chrono::milliseconds(1500);
  scenario.plan.commands = ClientPlan::kEndless;
  scenario.faults.push_back(
      {std::chrono::milliseconds(300), std::chrono::milliseconds(400), {1}, CrashFault{}});
  return run_span(scenario, nullptr).digest;
}

/// FNV-1a.
std::string digest_of(const std::string& text) {
  std::uint64_t digest = 0xcbf29ce484222325;
  for (const char c : text) digest = (digest ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", digest);
}

std::string key_of(const json& parameters, const std::string& inputs) {
  return parameters.dump() + " " + inputs;
}

}  // namespace

std::string Cache::version() {
  std::string text = fmt::format("{}", kMeasures);
  for (const std::string_view core : core_names()) text += fmt::format("-{:x}", behaviour_of(core));
  return text;
}

Cache::Cache(const std::string& file) : file_(file), version_(file.empty() ? "" : version()) {
  if (file_.empty()) return;
  std::ifstream in(file_);
  for (std::string line; std::getline(in, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (entry.is_discarded() || entry.value("version", "") != version_) continue;
    known_[key_of(entry.at("parameters"), entry.at("inputs"))] = entry.at("measured");
  }
}

const json* Cache::find(const Cell& cell) const {
  const auto found = known_.find(key_of(cell.parameters, digest_of(cell.inputs)));
  return found == known_.end() ? nullptr : &found->second;
}

void Cache::add(const Cell& cell, const json& measured) {
  if (file_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
  const json entry = {{"version", version_},
                      {"parameters", cell.parameters},
                      {"inputs", digest_of(cell.inputs)},
                      {"measured", measured}};
  std::ofstream out(file_, std::ios::app);
  out << entry.dump() + "\n";
  out.close();
  if (!out) throw std::runtime_error(file_ + ": cannot be written");
}

}  // namespace waggle::sim
