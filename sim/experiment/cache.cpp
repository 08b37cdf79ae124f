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
constexpr std::uint32_t kMeasures = 1;

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
    known_[entry.at("parameters").dump()] = entry.at("measured");
  }
}

const json* Cache::find(const json& parameters) const {
  const auto found = known_.find(parameters.dump());
  return found == known_.end() ? nullptr : &found->second;
}

void Cache::add(const json& parameters, const json& measured) {
  if (file_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
  const json entry = {{"version", version_}, {"parameters", parameters}, {"measured", measured}};
  std::ofstream out(file_, std::ios::app);
  out << entry.dump() + "\n";
  out.close();
  if (!out) throw std::runtime_error(file_ + ": cannot be written");
}

}  // namespace waggle::sim
