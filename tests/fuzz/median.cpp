#include <algorithm>

#include "tests/fuzz/targets.hpp"
#include "tests/unit/median/samples.hpp"

namespace waggle::fuzz {

void median_messages(ByteView input) {
  static const testing::MedianSamples samples(sim::Signatures::kEd25519);
  const auto message = samples.decode(input);
  if (!message) return;
  const Bytes again = encode(*message);
  ENSURE(std::equal(again.begin(), again.end(), input.begin(), input.end()),
         "one message has one encoding");
  for (std::uint32_t from = 0; from <= testing::MedianSamples::kServers; ++from) {
    const auto valid = median::validate(*message, ReplicaId{from}, samples.chain,
                                        samples.verifier(), samples.hasher());
    if (!valid) continue;
    ENSURE(valid->from() == ReplicaId{from} && samples.chain.has(valid->from()));
    const auto* pre = std::get_if<median::SignedPre>(&*message);
    ENSURE(pre == nullptr || pre->server == ReplicaId{from}, "nobody signs for another");
    const auto* commit = std::get_if<median::Commit>(&*message);
    ENSURE(commit == nullptr || commit->server == ReplicaId{from}, "nobody signs for another");
  }
}

}  // namespace waggle::fuzz
