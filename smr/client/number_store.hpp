#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "consensus/core/result.hpp"
#include "smr/median/named.hpp"

namespace waggle::client {

/// Remembers which numbers of a client may have been used, across restarts, lane by lane; a number
/// names its lane (smr/median/named.hpp), and a protocol without lanes has lane 0 alone.
class NumberStore {
 public:
  virtual ~NumberStore() = default;
  /// All numbers of the lane that were ever used are below this one. Nothing: not known.
  virtual std::optional<std::uint64_t> used_below(std::uint16_t lane) const = 0;
  /// To be called before a number is used; durable after the next sync(). Fails with the reason.
  virtual Result<void, std::string> set_used_below(std::uint64_t number) = 0;
  /// To be called before anything is sent. Fails with the reason, and then nothing may be sent.
  virtual Result<void, std::string> sync() = 0;
};

/// Remembers nothing.
class NoNumberStore final : public NumberStore {
 public:
  explicit NoNumberStore(bool key_is_new) : key_is_new_(key_is_new) {}
  std::optional<std::uint64_t> used_below(std::uint16_t lane) const override {
    return key_is_new_ ? std::optional(median::lane_number(lane, 1)) : std::nullopt;
  }
  Result<void, std::string> set_used_below(std::uint64_t) override { return {}; }
  Result<void, std::string> sync() override { return {}; }

 private:
  bool key_is_new_;
};

}  // namespace waggle::client
