#include "sim/rounds/extended_servers.hpp"

#include <algorithm>
#include <numeric>

namespace waggle::sim::rounds {
namespace {

void count_one(std::vector<std::uint64_t>& counts, std::size_t value) {
  if (value >= counts.size()) counts.resize(value + 1);
  ++counts[value];
}

void add_counts(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  if (from.size() > to.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

}  // namespace

std::uint64_t SettleTimes::count() const {
  return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0});
}

void SettleTimes::add(const SettleTimes& other) {
  add_counts(entries, other.entries);
  add_counts(fronts, other.fronts);
}

ExtendedServers::ExtendedServers(const median::Parameters& parameters,
                                 const median::Choices& choices, bool keep_logs,
                                 const median::CommandTable& table)
    : parameters_(parameters),
      keep_logs_(keep_logs),
      table_(table),
      history_(table, choices),
      lineage_(history_, table),
      merger_(table, choices),
      now_(parameters.n),
      next_(parameters.n) {}

median::Answer ExtendedServers::on_command(std::uint32_t server, median::Handle command) const {
  if (!now_[server].useful) return median::Answer::kIgnore;
  const std::uint32_t client = table_.client(table_.slot(command));
  return median::answer(now_[server].log, history_.last_number(state_, client), command, table_);
}

void ExtendedServers::step(std::uint32_t server, median::Round,
                           std::span<const std::uint32_t> repliers, median::LogView appended,
                           Rng& rng) {
  Server& after = next_[server];
  after.heard = repliers.size() >= parameters_.l;
  after.useful = after.heard || keep_logs_;
  after.log.clear();
  if (!after.useful) return;
  chosen_.clear();
  for (const std::uint32_t replier : repliers) chosen_.emplace_back(now_[replier].log);
  const median::LogView own = now_[server].log;
  merger_.merge(
      after.heard ? draw_replies(parameters_, std::span(chosen_), rng) : std::span(&own, 1),
      appended, after.log);
}

void ExtendedServers::end_round(median::Round now) {
  now_.swap(next_);
  std::size_t count = 0;
  const median::LogView any = compare(count);
  const median::Log settled(any.begin(), any.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    state_ = history_.commit(state_, settled[i].handle(), findings_);
    count_one(settled_.entries, now - settled[i].stamp());
    if (i == 0) count_one(settled_.fronts, now - settled[i].stamp());
  }
  open_ = 0;
  for (Server& server : now_) {
    if (count > 0) take_away(settled, server.log);
    if (server.heard && !server.log.empty()) {
      open_ = std::max(open_, now - server.log.front().stamp());
    }
  }
}

median::LogView ExtendedServers::compare(std::size_t& common) const {
  const auto heard = [](const Server& server) { return server.heard; };
  const auto first = std::find_if(now_.begin(), now_.end(), heard);
  common = 0;
  if (first == now_.end()) return {};
  common = first->log.size();
  for (const Server& other : now_) {
    if (!other.heard) continue;
    common = median::common_prefix(median::LogView(first->log).first(common), other.log);
  }
  return first->log;
}

/// Who got enough logs has it in front. Others, who kept theirs, may have it anywhere.
void ExtendedServers::take_away(median::LogView settled, median::Log& log) const {
  if (median::common_prefix(settled, log) == settled.size()) {
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(settled.size()));
    return;
  }
  std::erase_if(log, [this](median::Entry entry) {
    const median::Slot slot = table_.slot(entry.handle());
    return table_.number(slot) <= history_.last_number(state_, table_.client(slot));
  });
}

}  // namespace waggle::sim::rounds
