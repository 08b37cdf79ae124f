#pragma once

#include <gtest/gtest.h>

#include "sim/adversary/adversary.hpp"
#include "tests/support/chain.hpp"

namespace waggle::sim {

/// One strategy of replica 3 of a chain, driven by hand.
class Liar {
 public:
  using Out = Adversary::Out;
  using Chain = testing::Chain;

  static constexpr std::uint32_t kSelf = 3;

  Liar(const Chain& chain, std::string_view name, const Parameters& changed = {}) : chain_(chain) {
    const AdversaryKind* kind = find_adversary(name);
    ENSURE(kind != nullptr, "a strategy of that name");
    Parameters parameters = defaults_of(*kind);
    for (const auto& [key, value] : changed) parameters.at(key) = value;
    strategy_ = kind->make(
        {ReplicaId{kSelf}, chain.config, chain.hasher, chain.signer(kSelf), pacemaker_, Random(1)},
        parameters);
  }

  /// What leaves when its core sends the message to one replica.
  Out says(std::uint32_t to, chained::Message message) {
    Out out;
    strategy_->tamper({ReplicaId{to}, chain_.signed_by(kSelf, std::move(message))}, out);
    return out;
  }
  /// The same, to every other replica.
  Out says_to_all(const chained::Message& message) {
    Out all;
    for (std::uint32_t to = 0; to < chain_.config.n(); ++to) {
      if (to == kSelf) continue;
      Out out = says(to, message);
      all.insert(all.end(), out.begin(), out.end());
    }
    return all;
  }
  Out hears(std::uint32_t from, chained::Message message) {
    Out out;
    strategy_->hear(ReplicaId{from}, chain_.signed_by(from, std::move(message)), out);
    return out;
  }
  bool lets_in(std::uint32_t from, const chained::Message& message) {
    return strategy_->lets_in(ReplicaId{from}, message);
  }
  bool forgets() { return strategy_->forgets(); }

 private:
  const Chain& chain_;
  const chained::PacemakerConfig pacemaker_;
  std::unique_ptr<Adversary> strategy_;
};

/// The messages of a kind among those that leave.
template <class Kind>
std::vector<Kind> all_of(const Adversary::Out& out) {
  std::vector<Kind> found;
  for (const Outgoing& one : out) {
    if (const auto* message = std::get_if<Kind>(&one.message)) found.push_back(*message);
  }
  return found;
}

}  // namespace waggle::sim
