#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace waggle::median {

/// An assumption of the paper that a run violated (7.4): reported, never hidden. The boxes go on
/// as printed.
enum class Finding : std::uint8_t {
  kCommittedTwice,  ///< A command was committed where its client's number had passed it.
  kNumberSkipped,   ///< A command was committed before one with a lower number.
  kPrefixNotInLog,  ///< Algorithm 6: the prefix to commit is no prefix of the log.
};
inline constexpr std::size_t kFindingCount = 3;

/// In snake_case.
std::string_view to_string(Finding finding) noexcept;

/// How often each was found.
class Findings {
 public:
  void note(Finding finding) noexcept { ++counts_[static_cast<std::size_t>(finding)]; }
  std::uint64_t count(Finding finding) const noexcept {
    return counts_[static_cast<std::size_t>(finding)];
  }

 private:
  std::array<std::uint64_t, kFindingCount> counts_{};
};

}  // namespace waggle::median
