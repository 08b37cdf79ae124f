#include "smr/bin/waggle/check.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "smr/replica/explain.hpp"
#include "smr/replica/median_explain.hpp"

namespace waggle::cli {
namespace {

using smr::Finding;
using smr::Level;

/// Under what a sentence is shown.
std::string_view topic_of(std::string_view code) {
  static const std::map<std::string_view, std::string_view> kTopics = {
      {"too_few_up", "replicas"},    {"replica_down", "replicas"}, {"ended_itself", "replicas"},
      {"other_chain", "chain"},      {"partition", "links"},       {"cut_off", "links"},
      {"link_missing", "links"},     {"replica_missing", "links"}, {"silent", "links"},
      {"replica_behind", "heights"}, {"behind", "heights"},        {"states_differ", "states"},
      {"state_differs", "states"},   {"clock_skew", "clocks"},     {"versions_differ", "versions"},
      {"disk_full", "disks"},        {"disk_low", "disks"},        {"disk_stuck", "disks"},
      {"clock_off", "clocks"},       {"clock_differs", "clocks"},  {"round_clock", "clocks"},
      {"too_few_replies", "links"},
  };
  const auto found = kTopics.find(code);
  return found == kTopics.end() ? "progress" : found->second;
}

std::string advice_for(std::string_view code) {
  for (const auto table :
       {smr::replica_sentences(), smr::median_sentences(), cluster_sentences()}) {
    for (const smr::Sentence& sentence : table) {
      if (sentence.code == code) return std::string(sentence.advice);
    }
  }
  return "";  // of a newer replica
}

using Up = std::vector<const smr::Status*>;

std::string heights(const Up& up) {
  const auto [low, high] = std::minmax_element(
      up.begin(), up.end(), [](const auto* a, const auto* b) { return a->executed < b->executed; });
  if ((*low)->executed == (*high)->executed) {
    return fmt::format("all have executed height {}", (*low)->executed.value);
  }
  return fmt::format("executed up to heights {} .. {}, nobody falls behind", (*low)->executed.value,
                     (*high)->executed.value);
}

std::string clocks(const std::vector<Answer>& answers) {
  std::vector<std::chrono::milliseconds> ahead;
  for (const Answer& answer : answers) {
    if (answer.status) ahead.push_back(answer.clock_ahead);
  }
  const auto [low, high] = std::minmax_element(ahead.begin(), ahead.end());
  return fmt::format("within {} ms of each other", (*high - *low).count());
}

std::string disks(const Up& up) {
  std::uint64_t least = ~std::uint64_t{0};
  for (const smr::Status* one : up) {
    if (one->disk_size > 0) least = std::min(least, one->disk_free);
  }
  return least == ~std::uint64_t{0} ? "not known" : smr::size_text(least) + " free or more";
}

/// What stands in the line of a topic of which nothing bad is said.
std::string in_order(std::string_view topic, const ChainConfig& chain,
                     const std::vector<Answer>& answers, const Up& up) {
  if (topic == "replicas") return fmt::format("{} of {} answer", up.size(), chain.n());
  if (topic == "chain") return "all run " + short_hex(chain.chain_id);
  if (topic == "links") return "all that answer hear each other";
  if (topic == "heights") return heights(up);
  if (topic == "states") return "equal at equal heights";
  if (topic == "clocks") return clocks(answers);
  if (topic == "versions") return up.front()->version;
  return disks(up);
}

}  // namespace

std::vector<Check> check_cluster(const ChainConfig& chain, const std::vector<Answer>& before,
                                 const std::vector<Answer>& answers) {
  std::vector<Finding> findings = diagnose(chain, answers, before);
  for (Finding& one : own_words(answers)) findings.push_back(std::move(one));
  Up up;
  for (const Answer& answer : answers) {
    if (answer.status) up.push_back(&*answer.status);
  }
  std::vector<Check> checks;
  for (const std::string_view topic : {"replicas", "chain", "links", "heights", "states",
                                       "progress", "clocks", "versions", "disks"}) {
    bool said = false;
    for (const Finding& one : findings) {
      if (topic_of(one.code) != topic) continue;
      said = true;
      checks.push_back({one.level, std::string(topic), one.text, advice_for(one.code)});
    }
    if (said || up.empty() || topic == "progress") continue;
    checks.push_back({Level::kOk, std::string(topic), in_order(topic, chain, answers, up), ""});
  }
  return checks;
}

}  // namespace waggle::cli
