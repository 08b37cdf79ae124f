#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "smr/client/outcome.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::client {

/// Whether a refusal is a verdict on the request as such. All others pass: the same request may be
/// taken later, or elsewhere.
bool is_verdict(Refusal reason) noexcept;

/// Judges the answers to one request: a number is decided when so many replicas as are to be
/// believed, `believed`, say the same of it. Each replica has one say per number, the first; what
/// it holds is bounded by what one honest answer of each would take. Pure; not thread-safe.
class ReplyCollector {
 public:
  ReplyCollector(std::uint64_t first, std::uint32_t count, std::uint32_t believed);

  /// `from` says that `answer` holds the result of a number of this request.
  /// Returns whether that decided the number.
  bool add(ReplicaId from, const smr::Committed& answer, const smr::CommandResult& result);
  /// `from` says that it did not take the request; its last word counts.
  void reject(ReplicaId from, Refusal reason);

  /// What became of a number, if that is decided.
  const std::optional<Committed>& decided(std::uint64_t number) const;
  /// All numbers are decided.
  bool complete() const noexcept { return undecided_ == 0; }
  /// `from` said its last of every number: no use in asking it again.
  bool answered(ReplicaId from) const;
  /// Who said of some number what was then believed, before that; the first one in front.
  const std::vector<ReplicaId>& supporters() const noexcept { return supporters_; }
  /// What so many replicas say against the request, if is_verdict().
  std::optional<Refusal> verdict() const;
  /// Why the replica that refused last did so, if any did.
  std::optional<Refusal> last_refusal() const noexcept { return last_refusal_; }

 private:
  struct Candidate {
    Committed value;
    std::vector<ReplicaId> voters;
  };
  struct Number {
    std::vector<Candidate> candidates;
    std::optional<Committed> decided;
  };
  static bool has_voted(const Number& number, ReplicaId from);

  std::uint64_t first_;
  std::uint32_t believed_;
  std::size_t undecided_;
  std::vector<Number> numbers_;
  std::vector<ReplicaId> supporters_;
  std::map<ReplicaId, Refusal> refusals_;
  std::optional<Refusal> last_refusal_;
};

}  // namespace waggle::client
