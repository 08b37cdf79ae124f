#include "smr/median/log_marks.hpp"

#include <algorithm>
#include <bit>

namespace waggle::median {
namespace {

/// A bijection of 64-bit words that spreads every bit over all.
constexpr std::uint64_t mix(std::uint64_t word) noexcept {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

std::uint64_t add(std::uint64_t hash, std::uint64_t word) noexcept {
  return mix(hash * 0x9e3779b97f4a7c15u + word + 1);
}

/// 32 bytes that are spread evenly already.
template <class Fixed>
std::uint64_t word_of(const Fixed& value) noexcept {
  Reader reader(value.view());
  std::uint64_t word = reader.u64();
  for (int i = 0; i < 3; ++i) word = mix(word) ^ reader.u64();
  return word;
}

std::uint64_t add(std::uint64_t hash, Entry entry, const CommandTable& table) {
  hash = add(hash, entry.stamp());
  const Handle handle = entry.handle();
  if (!handle.is_null()) return add(hash, word_of(table.digest(handle)));
  const Slot slot = table.slot(handle);
  hash = add(hash, word_of(table.client_id(table.client(slot))));
  return add(hash, ~table.number(slot));
}

}  // namespace

std::vector<std::uint64_t> prefix_hashes(LogView log, const CommandTable& table) {
  std::vector<std::uint64_t> hashes{0};
  hashes.reserve(log.size() + 1);
  for (const Entry entry : log) hashes.push_back(add(hashes.back(), entry, table));
  return hashes;
}

std::size_t mark_step(std::size_t entries) noexcept {
  return std::max<std::size_t>(4, std::bit_ceil((entries + 63) / 64));
}

std::vector<std::uint64_t> marks_of(std::span<const std::uint64_t> prefixes) {
  std::vector<std::uint64_t> marks;
  const std::size_t entries = prefixes.size() - 1;
  const std::size_t step = mark_step(entries);
  for (std::size_t at = step; at < entries; at += step) marks.push_back(prefixes[at]);
  if (entries > 0) marks.push_back(prefixes[entries]);
  return marks;
}

std::size_t shared_entries(std::span<const std::uint64_t> prefixes, const LogRequest& request) {
  const auto has = [&](std::size_t entries, std::uint64_t mark) {
    return entries < prefixes.size() && prefixes[entries] == mark;
  };
  if (request.marks.empty()) return 0;
  if (has(request.entries, request.marks.back())) return request.entries;
  const std::size_t step = mark_step(request.entries);
  std::size_t shared = 0;  // marks of a common prefix are equal, and none behind it is
  for (std::size_t i = 0; i + 1 < request.marks.size(); ++i) {
    if (!has((i + 1) * step, request.marks[i])) break;
    shared = (i + 1) * step;
  }
  return shared;
}

std::uint64_t hash_of(const std::vector<Commit>& commits) {
  std::uint64_t hash = 0;
  for (const Commit& commit : commits) {
    hash = add(hash, commit.server.value);
    hash = add(hash, commit.window);
    hash = add(hash, commit.length);
  }
  return hash;
}

std::uint64_t hash_of(const Lock& lock, const CommandTable& table) {
  std::uint64_t hash = 0;
  for (const LockEntry& entry : lock.entries()) {
    hash = add(hash, Entry(entry.handle, entry.mark), table);
  }
  return hash;
}

}  // namespace waggle::median
