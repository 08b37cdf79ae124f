#include "smr/client/reply_collector.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"

namespace waggle::client {

bool is_verdict(Refusal reason) noexcept {
  switch (reason) {
    case Refusal::kMalformed:
    case Refusal::kTooLarge:
    case Refusal::kBadSignature:
    case Refusal::kClientNotAllowed:
    case Refusal::kNumberOld:
    case Refusal::kNumberTaken: return true;
    default: return false;
  }
}

ReplyCollector::ReplyCollector(std::uint64_t first, std::uint32_t count, std::uint32_t believed)
    : first_(first), believed_(believed), undecided_(count), numbers_(count) {}

bool ReplyCollector::has_voted(const Number& number, ReplicaId from) {
  return std::any_of(number.candidates.begin(), number.candidates.end(), [&](const Candidate& c) {
    return std::find(c.voters.begin(), c.voters.end(), from) != c.voters.end();
  });
}

bool ReplyCollector::add(ReplicaId from, const smr::Committed& answer,
                         const smr::CommandResult& result) {
  if (result.number < first_ || result.number - first_ >= numbers_.size()) return false;
  Number& number = numbers_[result.number - first_];
  if (number.decided || has_voted(number, from)) return false;
  refusals_.erase(from);

  const auto same = [&](const Candidate& c) {
    return c.value.block == answer.block && c.value.view == answer.view &&
           c.value.height == answer.height && c.value.result == result.result;
  };
  auto found = std::find_if(number.candidates.begin(), number.candidates.end(), same);
  if (found == number.candidates.end()) {
    const Committed value{result.number, answer.view, answer.height, answer.block,
                          result.result, 0,           std::nullopt};
    found = number.candidates.insert(found, {value, {}});
  }
  found->voters.push_back(from);
  if (found->voters.size() < believed_) return false;
  for (const ReplicaId voter : found->voters) {
    const bool known =
        std::find(supporters_.begin(), supporters_.end(), voter) != supporters_.end();
    if (!known) supporters_.push_back(voter);
  }
  found->value.replies = static_cast<std::uint32_t>(found->voters.size());
  number.decided = std::move(found->value);
  number.candidates.clear();
  --undecided_;
  return true;
}

void ReplyCollector::reject(ReplicaId from, Refusal reason) {
  refusals_[from] = reason;
  last_refusal_ = reason;
}

const std::optional<Committed>& ReplyCollector::decided(std::uint64_t number) const {
  ENSURE(number >= first_ && number - first_ < numbers_.size(), "not a number of this request");
  return numbers_[number - first_].decided;
}

bool ReplyCollector::answered(ReplicaId from) const {
  const auto refused = refusals_.find(from);
  if (refused != refusals_.end() && is_verdict(refused->second)) return true;
  return std::all_of(numbers_.begin(), numbers_.end(), [&](const Number& number) {
    return number.decided || has_voted(number, from);
  });
}

std::optional<Refusal> ReplyCollector::verdict() const {
  std::map<Refusal, std::size_t> votes;
  for (const auto& [from, reason] : refusals_) {
    if (is_verdict(reason) && ++votes[reason] >= believed_) return reason;
  }
  return std::nullopt;
}

}  // namespace waggle::client
