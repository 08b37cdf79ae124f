#include "sim/rounds/checker/executions.hpp"

namespace waggle::sim::rounds {

bool ExecutionChecker::on_entry(std::uint64_t round, const CommittedEntry& entry) {
  const std::string which =
      "number " + std::to_string(entry.number) + " of client " + std::to_string(entry.client);
  const auto submitted = submitted_.find({entry.client, entry.number});
  if (submitted == submitted_.end() ||
      (!entry.null && !submitted->second.contains(entry.command))) {
    complain(round, which + " was never submitted");
  } else if (entry.null && submitted->second.size() < 2) {
    complain(round, which + " became null, and nothing clashes with it");
  }
  std::uint64_t& last = last_[entry.client];
  const bool next = entry.number == last + 1;
  const bool executes = next && !entry.null;
  if (entry.executed && !executes) {
    complain(round, which + (entry.number <= last ? " executed twice" : " executed too early"));
  }
  if (!entry.executed && executes) complain(round, which + " did not execute");
  if (next) {
    last = entry.number;
    places_[{entry.client, entry.number}] = taken_.size();
  }
  taken_.push_back(taken_.back() + (next ? 1 : 0));
  return executes;
}

void ExecutionChecker::on_acknowledged(std::uint64_t round, std::uint32_t client,
                                       std::uint64_t number, std::uint64_t length) {
  const auto place = places_.find({client, number});
  if (place != places_.end() && place->second <= length) return;
  complain(round, "client " + std::to_string(client) + " was told of number " +
                      std::to_string(number) + " by a server that has not executed it");
}

}  // namespace waggle::sim::rounds
