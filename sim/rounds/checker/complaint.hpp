#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waggle::sim::rounds {

/// What a checker found first.
struct Complaint {
  std::string_view property;
  std::uint64_t round = 0;
  std::string what;  ///< A sentence, without a full stop.

  std::string text() const {
    return std::string(property) + ", round " + std::to_string(round) + ": " + what;
  }
};

/// A property that is judged in every round. Keeps its first violation.
class Checker {
 public:
  explicit Checker(std::string_view property) : property_(property) {}

  bool holds() const noexcept { return !complaint_; }
  const std::optional<Complaint>& complaint() const noexcept { return complaint_; }

 protected:
  void complain(std::uint64_t round, std::string what) {
    if (!complaint_) complaint_ = Complaint{property_, round, std::move(what)};
  }

 private:
  std::string_view property_;
  std::optional<Complaint> complaint_;
};

}  // namespace waggle::sim::rounds
