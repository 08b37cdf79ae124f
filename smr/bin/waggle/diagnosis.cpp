#include "smr/bin/waggle/diagnosis.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

namespace waggle::cli {
namespace {

using smr::Finding;
using smr::Level;
using smr::list;
using std::chrono::milliseconds;
using Findings = std::vector<Finding>;
using Group = std::vector<ReplicaId>;

constexpr smr::Sentence kSentences[] = {
    {"too_few_up", Level::kBad,
     "{up} of {n} replicas answer and {quorum} are needed to commit: {more} more must come up.",
     "Start those that are down; nothing that was acknowledged is lost meanwhile."},
    {"other_chain", Level::kBad,
     "Replica {replica} runs chain {its}; genesis.toml here is chain {ours}.",
     "Give all replicas the same genesis.toml, byte by byte, and this one a data directory of its "
     "own chain."},
    {"partition", Level::kBad,
     "The network is split: replicas {groups} see only themselves, and no side has the {quorum} "
     "that are needed.",
     "Mend the network between them; look at peer_address in cluster.toml and at firewalls."},
    {"ended_itself", Level::kBad, "Replica {replica} {last_words}.",
     "See 'When a replica stops itself' in docs/operations.md before it is started again."},
    {"states_differ", Level::kBad, "At height {height} the states of replicas {replicas} differ.",
     "Keep all data directories; look for damaged disks and memory, and compare versions."},
    {"replica_down", Level::kWarn, "Replica {replica} does not answer: {why}.",
     "Start it, or mend the network to it; if it ended by itself, the end of its log says why."},
    {"cut_off", Level::kWarn, "Cut off from the others, which are enough to commit: {replicas}.",
     "Mend the network between them; look at peer_address in cluster.toml and at firewalls."},
    {"link_missing", Level::kWarn, "Replicas {pair} are not connected to each other.",
     "Mend the network between them; look at peer_address in cluster.toml and at firewalls."},
    {"replica_behind", Level::kWarn,
     "Replica {replica} is at height {height}; {who} were at {others} a moment ago.",
     "Wait; if its height does not rise, see what it says of itself."},
    {"clock_skew", Level::kWarn,
     "The clock of replica {replica} is {span} {direction} the others'. Consensus looks at no "
     "clock; the times in its logs and metrics are wrong.",
     "Let NTP or chrony set it; no restart is needed."},
    {"round_clock", Level::kBad,
     "The clock of replica {replica} is {span} {direction} the others': it takes no part, because "
     "rounds follow clocks.",
     "Let NTP or chrony set it; no restart is needed."},
    {"versions_differ", Level::kWarn, "Different versions run: {versions}.",
     "Finish the upgrade, one replica at a time."},
};

Finding tell(std::string_view code, smr::Values values) { return say(kSentences, code, values); }

bool runs_median(const ChainConfig& chain) { return chain.leaders == nullptr; }

bool sees(const Answer& one, const Answer& other) {
  const auto& peers = one.status->peers_connected;
  return std::find(peers.begin(), peers.end(), other.replica) != peers.end();
}

bool linked(const Answer& a, const Answer& b) { return sees(a, b) && sees(b, a); }

std::vector<const Answer*> up_of(const std::vector<Answer>& answers) {
  std::vector<const Answer*> up;
  for (const Answer& answer : answers) {
    if (answer.status) up.push_back(&answer);
  }
  return up;
}

/// Replicas that reach each other, if through others; the largest group first.
std::vector<Group> groups_of(std::vector<const Answer*> rest) {
  std::vector<Group> groups;
  while (!rest.empty()) {
    std::vector<const Answer*> group = {rest.front()};
    rest.erase(rest.begin());
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto apart = std::stable_partition(
          rest.begin(), rest.end(), [&](const Answer* one) { return linked(*group[i], *one); });
      group.insert(group.end(), rest.begin(), apart);
      rest.erase(rest.begin(), apart);
    }
    Group ids;
    for (const Answer* one : group) ids.push_back(one->replica);
    std::sort(ids.begin(), ids.end());
    groups.push_back(std::move(ids));
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.size() > b.size(); });
  return groups;
}

void add_absences(const ChainConfig& chain, const std::vector<Answer>& answers, Findings& out) {
  const auto up = static_cast<std::uint32_t>(up_of(answers).size());
  if (up < needed(chain) && answers.size() == chain.n()) {
    out.push_back(tell("too_few_up", {{"up", std::to_string(up)},
                                      {"n", std::to_string(chain.n())},
                                      {"quorum", std::to_string(needed(chain))},
                                      {"more", std::to_string(needed(chain) - up)}}));
  }
  for (const Answer& answer : answers) {
    const std::string id = std::to_string(answer.replica.value);
    if (answer.other_chain) {
      out.push_back(tell("other_chain", {{"replica", id},
                                         {"its", short_hex(*answer.other_chain)},
                                         {"ours", short_hex(chain.chain_id)}}));
    } else if (!answer.last_words.empty()) {
      out.push_back(tell("ended_itself", {{"replica", id}, {"last_words", answer.last_words}}));
    } else if (!answer.status) {
      out.push_back(tell("replica_down", {{"replica", id}, {"why", answer.why}}));
    }
  }
}

void add_links(const ChainConfig& chain, const std::vector<Answer>& answers, Findings& out) {
  const std::vector<const Answer*> up = up_of(answers);
  if (up.size() < needed(chain)) return;  // that is enough to know
  const std::vector<Group> groups = groups_of(up);
  if (groups.front().size() < needed(chain)) {
    std::string text;
    for (const Group& group : groups) text += (text.empty() ? "" : " | ") + list(group);
    out.push_back(tell("partition", {{"groups", text}, {"quorum", std::to_string(needed(chain))}}));
    return;
  }
  Group cut_off;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    cut_off.insert(cut_off.end(), groups[i].begin(), groups[i].end());
  }
  std::sort(cut_off.begin(), cut_off.end());
  if (!cut_off.empty()) out.push_back(tell("cut_off", {{"replicas", list(cut_off)}}));
  const Group& main = groups.front();
  for (const Answer* a : up) {
    for (const Answer* b : up) {
      const bool both = std::binary_search(main.begin(), main.end(), a->replica) &&
                        std::binary_search(main.begin(), main.end(), b->replica);
      if (!both || a->replica >= b->replica || linked(*a, *b)) continue;
      out.push_back(tell("link_missing", {{"pair", list({a->replica, b->replica})}}));
    }
  }
}

void add_states(const std::vector<const Answer*>& up, Findings& out) {
  std::map<Height, std::vector<const Answer*>> by_height;
  for (const Answer* one : up) by_height[one->status->executed].push_back(one);
  for (const auto& [height, at] : by_height) {
    const Digest& first = at.front()->status->state_digest;
    const bool equal = std::all_of(at.begin(), at.end(), [&](const Answer* one) {
      return one->status->state_digest == first;
    });
    if (equal) continue;
    Group group;
    for (const Answer* one : at) group.push_back(one->replica);
    out.push_back(tell("states_differ",
                       {{"height", std::to_string(height.value)}, {"replicas", list(group)}}));
  }
}

/// Who has not got by now to where f+1 others, an honest one among them, were before.
void add_laggards(const ChainConfig& chain, const std::vector<const Answer*>& up,
                  const std::vector<Answer>& before, Findings& out) {
  for (const Answer* one : up) {
    std::vector<Height> others;
    for (const Answer& other : before) {
      if (other.status && other.replica != one->replica) others.push_back(other.status->executed);
    }
    if (others.size() <= (chain.n() - needed(chain))) continue;
    std::sort(others.begin(), others.end(), std::greater<>());
    const Height reached = others[(chain.n() - needed(chain))];
    if (one->status->executed >= reached) continue;
    out.push_back(
        tell("replica_behind", {{"replica", std::to_string(one->replica.value)},
                                {"height", std::to_string(one->status->executed.value)},
                                {"who", runs_median(chain) ? "most others" : "f+1 others"},
                                {"others", std::to_string(reached.value)}}));
  }
}

/// Against the median, so that neither our own clock nor f wrong ones count.
void add_clocks(const ChainConfig& chain, const std::vector<const Answer*>& up, Findings& out) {
  const char* code = runs_median(chain) ? "round_clock" : "clock_skew";
  if (up.empty()) return;
  std::vector<milliseconds> clocks;
  for (const Answer* one : up) clocks.push_back(one->clock_ahead);
  std::sort(clocks.begin(), clocks.end());
  const milliseconds median = clocks[(clocks.size() - 1) / 2];
  for (const Answer* one : up) {
    const milliseconds skew = one->clock_ahead - median;
    const milliseconds apart = skew < milliseconds(0) ? -skew : skew;
    if (apart <= kClockSkewMax + one->clock_error) continue;
    const double seconds = std::chrono::duration<double>(apart).count();
    out.push_back(tell(code, {{"replica", std::to_string(one->replica.value)},
                              {"span", fmt::format("{:.1f} s", seconds)},
                              {"direction", skew > milliseconds(0) ? "ahead of" : "behind"}}));
  }
}

void add_versions(const std::vector<const Answer*>& up, Findings& out) {
  std::map<std::string, Group> by_version;
  for (const Answer* one : up) by_version[one->status->version].push_back(one->replica);
  if (by_version.size() < 2) return;
  std::string text;
  for (const auto& [version, group] : by_version) {
    text += fmt::format("{}{} on {}", text.empty() ? "" : ", ", version, list(group));
  }
  out.push_back(tell("versions_differ", {{"versions", text}}));
}

}  // namespace

std::uint32_t needed(const ChainConfig& chain) {
  return runs_median(chain) ? chain.n() / 2 + 1 : chain.quorum();
}

std::vector<Finding> diagnose(const ChainConfig& chain, const std::vector<Answer>& answers,
                              const std::vector<Answer>& before) {
  const std::vector<const Answer*> up = up_of(answers);
  Findings out;
  add_absences(chain, answers, out);
  add_links(chain, answers, out);
  add_states(up, out);
  add_laggards(chain, up, before, out);
  add_clocks(chain, up, out);
  add_versions(up, out);
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding& a, const Finding& b) { return a.level > b.level; });
  return out;
}

std::vector<Finding> own_words(const std::vector<Answer>& answers) {
  std::vector<std::pair<Finding, Group>> said;
  for (const Answer* one : up_of(answers)) {
    for (const Finding& finding : one->status->findings) {
      const auto same = std::find_if(said.begin(), said.end(),
                                     [&](const auto& entry) { return entry.first == finding; });
      if (same == said.end())
        said.push_back({finding, {one->replica}});
      else
        same->second.push_back(one->replica);
    }
  }
  std::stable_sort(said.begin(), said.end(),
                   [](const auto& a, const auto& b) { return a.first.level > b.first.level; });
  Findings out;
  for (auto& [finding, group] : said) {
    finding.text = (group.size() == 1 ? "replica " : "replicas ") + list(group) + ": " +
                   std::move(finding.text);
    out.push_back(std::move(finding));
  }
  return out;
}

std::span<const smr::Sentence> cluster_sentences() { return kSentences; }

}  // namespace waggle::cli
