#include "smr/median/translation.hpp"

namespace waggle::median {

SignedPre to_signed(const Pre& pre, const CommandTable& table) {
  SignedPre result{.server = pre.server,
                   .window = pre.window,
                   .base = pre.base,
                   .base_chain = pre.chains.front(),
                   .signature = pre.signature};
  for (const Handle handle : pre.entries) result.entries.push_back(name_of(handle, table));
  return result;
}

PrePtr from_signed(const SignedPre& pre, const Hashing& hashing, CommandTable& table) {
  Sequence entries;
  for (const Named& named : pre.entries) entries.push_back(intern(named, table));
  return make_pre(pre.server, pre.window, pre.base, pre.base_chain, std::move(entries), hashing,
                  pre.signature);
}

std::vector<PrePtr> from_signed(const std::vector<SignedPre>& pres, const Hashing& hashing,
                                CommandTable& table) {
  std::vector<PrePtr> result;
  for (const SignedPre& pre : pres) result.push_back(from_signed(pre, hashing, table));
  return result;
}

std::vector<StampedNamed> to_named(LogView log, const CommandTable& table) {
  std::vector<StampedNamed> result;
  for (const Entry entry : log) result.push_back({name_of(entry.handle(), table), entry.stamp()});
  return result;
}

}  // namespace waggle::median
