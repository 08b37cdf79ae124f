#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smr/median/lock.hpp"
#include "smr/median/log.hpp"
#include "smr/median/messages.hpp"

/// Prefixes of logs named by short hashes, so that an answer leaves out what the asker has (9).
/// The hash is quick and forgeable: servers do not lie, and a prefix taken for another changes an
/// order that is not sealed yet, never what is.
namespace waggle::median {

/// The hash of every prefix of the log: of none of it first, of all of it last.
std::vector<std::uint64_t> prefix_hashes(LogView log, const CommandTable& table);

/// Entries between two marks of a log of so many: a power of two, 4 at least, so that there are at
/// most kMarksMax marks.
std::size_t mark_step(std::size_t entries) noexcept;

/// LogRequest::marks of a log with these prefix hashes.
std::vector<std::uint64_t> marks_of(std::span<const std::uint64_t> prefixes);

/// How many entries the log with these prefix hashes shares with that of the request, as far as
/// marks tell.
std::size_t shared_entries(std::span<const std::uint64_t> prefixes, const LogRequest& request);

/// What a request names of COMMITs and of a lock, so that nothing known is sent.
std::uint64_t hash_of(const std::vector<Commit>& commits);
std::uint64_t hash_of(const Lock& lock, const CommandTable& table);

}  // namespace waggle::median
