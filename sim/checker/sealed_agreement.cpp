#include "sim/checker/sealed_agreement.hpp"

namespace waggle::sim {
namespace {

std::string told_entry(const median::Named& named) {
  return (named.digest ? "command " + short_hex(*named.digest) : std::string("the null entry")) +
         " of number " + std::to_string(named.number) + " of " + short_hex(named.client);
}

}  // namespace

void SealedAgreement::on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                                const smr::Executed& after) {
  std::uint64_t& executed = executed_.at(server.value);
  for (const median::Sealed& entry : entries) {
    const auto event = [&] {
      return told(server) + " executes " + told_entry(entry.entry) + " at position " +
             std::to_string(entry.position) + " " + told(now());
    };
    if (entry.position != executed) fail(event() + ", after " + std::to_string(executed));
    executed = entry.position + 1;
    const Height place{entry.position + 1};
    if (const Entry* known = entries_.find(place)) {
      if (known->named == entry.entry && known->applies == entry.applies) continue;
      return fail(event() + (entry.applies ? "" : " as nothing") + ", but " + told(known->by) +
                  " executed " + told_entry(known->named) + (known->applies ? "" : " as nothing") +
                  " there " + told(known->at));
    }
    if (place == entries_.end()) {
      entries_.append({entry.entry, entry.applies, server, now()});
    }
  }
  entries_.forget_up_to(stage_.forgotten);
  if (after.height.value != executed) {
    fail(told(server) + " stands at " + std::to_string(after.height.value) + " " + told(now()) +
         ", having executed " + std::to_string(executed));
  }
  compare(states_, server, after.height.value, after.digest, "has state");
}

void SealedAgreement::on_installed(ReplicaId server, const smr::Executed& at) {
  executed_.at(server.value) = at.height.value;
  compare(states_, server, at.height.value, at.digest, "installs state");
}

void SealedAgreement::on_restarted(ReplicaId server, const smr::Executed& position) {
  std::uint64_t& executed = executed_.at(server.value);
  if (position.height.value > executed) {
    fail(told(server) + " comes back " + told(now()) + " with " +
         std::to_string(position.height.value) + " entries, but executed only " +
         std::to_string(executed));
  }
  executed = position.height.value;
  final_.at(server.value) = executed;  // the seals beyond may not have been on its disk
  if (executed > 0) compare(states_, server, executed, position.digest, "comes back with state");
}

void SealedAgreement::on_final(ReplicaId server, const median::FinalPrefix& final) {
  std::uint64_t& length = final_.at(server.value);
  if (final.length < length) {
    fail(told(server) + " takes " + std::to_string(final.length) + " entries for final " +
         told(now()) + ", and took " + std::to_string(length) + " before");
  }
  length = final.length;
  compare(finals_, server, final.length, final.chain, "has for final sequence");
}

void SealedAgreement::compare(Points& points, ReplicaId server, std::uint64_t length,
                              const Digest& digest, std::string_view what) {
  const auto [known, fresh] = points.try_emplace(length, Point{digest, server, now()});
  if (known->second.digest != digest) {
    fail(told(server) + " " + std::string(what) + " " + short_hex(digest) + " after " +
         std::to_string(length) + " entries " + told(now()) + ", but " + told(known->second.by) +
         " had " + short_hex(known->second.digest) + " " + told(known->second.at));
  }
  points.erase(points.begin(), points.lower_bound(stage_.forgotten.value));
}

}  // namespace waggle::sim
