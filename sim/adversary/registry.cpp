#include <algorithm>

#include "sim/adversary/families.hpp"

namespace waggle::sim {
namespace {

std::vector<AdversaryKind> all_kinds() {
  std::vector<AdversaryKind> kinds;
  const auto add = [&kinds](std::vector<AdversaryKind> family) {
    for (AdversaryKind& kind : family) kinds.push_back(std::move(kind));
  };
  add(silence_kinds());
  add(proposal_kinds());
  add(vote_kinds());
  add(certificate_kinds());
  add(timeout_kinds());
  add(tc_kinds());
  add({invalid_block_kind(), hollow_chain_kind()});
  add(noise_kinds());
  add({garbage_kind(), mixed_kind()});
  return kinds;
}

}  // namespace

std::span<const AdversaryKind> adversary_kinds() {
  static const std::vector<AdversaryKind> kinds = all_kinds();
  return kinds;
}

const AdversaryKind* find_adversary(std::string_view name) {
  const auto kinds = adversary_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [name](const AdversaryKind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Parameters defaults_of(const AdversaryKind& kind) {
  Parameters parameters;
  for (const ParameterKind& one : kind.parameters) parameters.emplace(one.name, one.fallback);
  return parameters;
}

}  // namespace waggle::sim
