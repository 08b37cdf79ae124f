#include <algorithm>

#include "sim/adversary/adversary.hpp"
#include "sim/adversary/byzantine.hpp"
#include "sim/adversary/puppet.hpp"

namespace waggle::sim {
namespace {

class Amnesia final : public Adversary {
 public:
  bool forgets() const override { return true; }
};

template <class Kind>
std::unique_ptr<Adversary> make(const AdversarySetup&, const Parameters&) {
  return std::make_unique<Kind>();
}

template <Fault fault>
std::unique_ptr<Adversary> make_strategy(const AdversarySetup& setup, const Parameters&) {
  return std::make_unique<Strategy>(fault, setup);
}

std::unique_ptr<Adversary> make_puppet(const AdversarySetup& setup, const Parameters& parameters) {
  return std::make_unique<Puppet>(setup, parameters.find("speaks")->second != 0);
}

}  // namespace

std::span<const AdversaryKind> adversary_kinds() {
  using enum Fault;
  static const std::vector<AdversaryKind> kinds = {
      {"silent", "says nothing at all", {}, make_strategy<kSilent>},
      {"mute_leader", "never proposes", {}, make_strategy<kMuteLeader>},
      {"partial_proposals", "proposes to some only", {}, make_strategy<kPartialProposals>},
      {"equivocation", "proposes different blocks to two halves", {}, make_strategy<kEquivocation>},
      {"withheld_votes",
       "never votes, hides its votes in timeouts",
       {},
       make_strategy<kWithheldVotes>},
      {"hidden_certificates",
       "collects votes and keeps the certificate",
       {},
       make_strategy<kHiddenCertificates>},
      {"lying_timeouts",
       "reports tips that do not exist, or false ranks",
       {},
       make_strategy<kLyingTimeouts>},
      {"double_votes", "votes for every block it sees", {}, make_strategy<kDoubleVotes>},
      {"withheld_blocks", "answers no questions for blocks", {}, make_strategy<kWithheldBlocks>},
      {"amnesia", "comes back from every restart as if it were new", {}, make<Amnesia>},
      {"mixed", "another one of these in every view", {}, make_strategy<kMixed>},
      {"puppet",
       "says what its plan says, and with speaks = 1 what its core says, too",
       {{.name = "speaks", .meaning = "1: its own core speaks, too", .max = 1}},
       make_puppet,
       true},
  };
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
