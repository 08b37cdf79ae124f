#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/puppet.hpp"

namespace waggle::sim {
namespace {

std::unique_ptr<Adversary> make_puppet(const AdversarySetup& setup, const Parameters& parameters) {
  return std::make_unique<Puppet>(setup, value_of(parameters, "speaks") != 0);
}

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
  add({{.name = "puppet",
        .summary = "says what its plan says, and with speaks = 1 what its core says, too",
        .parameters = {count("speaks", "1: its own core speaks, too", 0, 0, 1)},
        .make = make_puppet,
        .has_plan = true}});
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
