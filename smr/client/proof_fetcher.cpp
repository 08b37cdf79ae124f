#include "smr/client/proof_fetcher.hpp"

#include <iterator>

#include <fmt/format.h>

namespace waggle::client {

ProofFetcher::ProofFetcher(const ChainConfig* chain, std::uint32_t n, const Verifier& verifier,
                           const Hasher& hasher)
    : chain_(chain), verifier_(verifier), hasher_(hasher), up_(n) {}

void ProofFetcher::fetch(smr::ProofQuery query, Duration deadline, ProofDone done, Duration now) {
  if (chain_ == nullptr) {
    return done(Unexpected{std::string("this client was given no genesis file to verify with")});
  }
  // Beginning at one that depends on the number, so that replicas share the work.
  const auto last = static_cast<std::uint32_t>((query.number + up_.size() - 1) % up_.size());
  open_.push_back({std::move(query), deadline, std::move(done), last});
  ask_next(open_.back(), now);
}

void ProofFetcher::connection_up(ReplicaId replica, Duration now) {
  up_.at(replica.value) = true;
  for (Fetch& fetch : open_) fetch.next = std::min(fetch.next, now);
}

void ProofFetcher::connection_down(ReplicaId replica, Duration now) {
  up_.at(replica.value) = false;
  for (Fetch& fetch : open_) {
    if (fetch.asked == replica.value) fail(fetch, "the connection to the replica broke", now);
  }
}

void ProofFetcher::receive(ReplicaId from, const smr::ProofResult& result, Duration now) {
  std::list<Fetch> proven;
  std::vector<ProofOutcome> outcomes;
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (at->query.client == result.client && at->query.number == result.number) {
      ProofOutcome outcome = judge(*at, from, result);
      if (outcome) {
        proven.splice(proven.end(), open_, at);
        outcomes.push_back(std::move(outcome));
      } else if (at->asked == from.value) {
        fail(*at, outcome.error(), now);
      }
    }
    at = next;
  }
  std::size_t index = 0;
  for (const Fetch& fetch : proven) fetch.done(std::move(outcomes[index++]));
}

ProofOutcome ProofFetcher::judge(const Fetch& fetch, ReplicaId from,
                                 const smr::ProofResult& result) const {
  const auto failed = [from](std::string_view why) {
    return Unexpected{fmt::format("replica {}: {}", from.value, why)};
  };
  if (!result.proof) return failed(to_string(result.proof.error()));
  auto proven = certificate::verify_proof(**result.proof, *chain_, verifier_, hasher_);
  if (!proven) {
    return failed("its proof does not hold: " + std::string(describe(proven.error())));
  }
  const bool asked_for = std::visit(
      [&](const auto& one) {
        return one.client == fetch.query.client && one.number == fetch.query.number;
      },
      *proven);
  if (!asked_for) {
    return failed("its proof is of another command");
  }
  return FetchedProof{*result.proof, std::move(*proven)};
}

void ProofFetcher::fail(Fetch& fetch, std::string why, Duration now) {
  fetch.why = std::move(why);
  const bool all_failed = ++fetch.round % up_.size() == 0;
  fetch.next = now + (all_failed ? kPause : Duration{0});
}

void ProofFetcher::ask_next(Fetch& fetch, Duration now) {
  for (std::size_t i = 0; i < up_.size(); ++i) {
    fetch.asked = static_cast<std::uint32_t>((fetch.asked + 1) % up_.size());
    if (!up_[fetch.asked]) continue;
    sendings_.push_back({ReplicaId{fetch.asked}, fetch.query});
    break;
  }
  fetch.next = now + kPatience;
}

void ProofFetcher::tick(Duration now) {
  std::list<Fetch> late;
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (now >= at->deadline) {
      late.splice(late.end(), open_, at);
    } else if (now >= at->next) {
      ask_next(*at, now);
    }
    at = next;
  }
  for (const Fetch& fetch : late) fetch.done(Unexpected{"no proof in time; " + fetch.why});
}

}  // namespace waggle::client
