#pragma once

#include "smr/median/log.hpp"
#include "smr/median/messages.hpp"
#include "smr/median/pre_certificate.hpp"

/// Between what the rules work on, handles of one table, and what travels and is stored.
namespace waggle::median {

SignedPre to_signed(const Pre& pre, const CommandTable& table);
PrePtr from_signed(const SignedPre& pre, const Hashing& hashing, CommandTable& table);
std::vector<PrePtr> from_signed(const std::vector<SignedPre>& pres, const Hashing& hashing,
                                CommandTable& table);

std::vector<StampedNamed> to_named(LogView log, const CommandTable& table);

}  // namespace waggle::median
