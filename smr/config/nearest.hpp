#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace waggle::config {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `word`, or nothing if even that one differs in more than a third of
/// its letters (at least two may differ).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace waggle::config
