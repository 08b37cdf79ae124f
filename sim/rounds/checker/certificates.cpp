#include "sim/rounds/checker/certificates.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"
#include "consensus/core/request.hpp"

namespace waggle::sim::rounds {

using certificate::Certificate;
using certificate::ServerChains;

namespace {

std::string describe(const Certificate& shown, std::uint32_t server) {
  return "number " + std::to_string(shown.number) + " at position " +
         std::to_string(shown.position) + " with " + std::to_string(shown.links.size()) +
         " links, shown to server " + std::to_string(server);
}

}  // namespace

void CertificateChecker::on_entry(const std::optional<Digest>& leaf) {
  forest_.append(leaf ? *leaf : hasher_.hash({domain::kNullLeaf}));
}

void CertificateChecker::on_chains(std::uint64_t round, std::uint32_t server,
                                   const ServerChains& chains) {
  if (chains.count() > forest_.count()) return;  // left the sequence: a matter of agreement
  if (chains.roots().peaks() == forest_.roots(chains.count())) return;
  complain(round, "server " + std::to_string(server) + " has other roots than its " +
                      std::to_string(chains.count()) + " entries");
}

void CertificateChecker::on_certificate(std::uint64_t round, std::uint32_t server,
                                        const ServerChains& chains, const Certificate& held) {
  shown_ += 2;
  if (const auto verdict = chains.verify(held, hasher_); !verdict) {
    complain(round, describe(held, server) + ": " + std::string(describe(verdict.error())));
  } else if (!is_true(held, chains.count())) {
    complain(round, describe(held, server) + ": accepted, and it is false");
  }
  const Certificate forged = altered(held, chains.count());
  if (!chains.verify(forged, hasher_) || is_true(forged, chains.count())) return;
  complain(round, describe(forged, server) + ": altered, and accepted");
}

/// The command stands there, and every link is what it should be, and in its tree.
bool CertificateChecker::is_true(const Certificate& shown, std::uint64_t count) const {
  if (shown.links.size() > FullForest::height(count, shown.position)) return false;
  const Digest leaf = command_leaf(shown.client, shown.number, shown.command, hasher_);
  if (forest_.node(0, shown.position) != leaf) return false;
  for (unsigned level = 0; level < shown.links.size(); ++level) {
    if (forest_.node(level, (shown.position >> level) ^ 1) != shown.links[level]) return false;
  }
  return true;
}

Certificate CertificateChecker::altered(Certificate held, std::uint64_t count) {
  const auto flip = [this](std::uint8_t& byte) {
    byte ^= static_cast<std::uint8_t>(1u << random_.below(8));
  };
  const std::size_t links = held.links.size();
  switch (random_.below(links == 0 ? 6 : 10)) {
    case 0: flip(held.client.bytes[random_.below(ClientId::kSize)]); return held;
    case 1: held.number ^= 1; return held;
    case 2: held.command.push_back(0); return held;
    case 3: held.position ^= 1; return held;
    case 4: held.position = random_.below(count); return held;
    case 5: {  // one link too many, a true one if there is one
      const auto above = forest_.node(static_cast<unsigned>(links), (held.position >> links) ^ 1);
      held.links.push_back(above.value_or(Digest{}));
      return held;
    }
    case 6: held.links.resize(random_.below(links)); return held;
    case 7: std::swap(held.links.front(), held.links.back()); return held;
    default: flip(held.links[random_.below(links)].bytes[random_.below(Digest::kSize)]);
  }
  return held;
}

}  // namespace waggle::sim::rounds
