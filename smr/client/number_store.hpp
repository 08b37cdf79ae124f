#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "consensus/core/result.hpp"

namespace waggle::client {

/// Remembers which numbers of a client may have been used, across restarts.
class NumberStore {
 public:
  virtual ~NumberStore() = default;
  /// All numbers ever used are below this one. Nothing: not known.
  virtual std::optional<std::uint64_t> used_below() const = 0;
  /// Durable when it returns; to be called before a number is used. Fails with the reason.
  virtual Result<void, std::string> set_used_below(std::uint64_t number) = 0;
};

/// Remembers nothing.
class NoNumberStore final : public NumberStore {
 public:
  explicit NoNumberStore(bool key_is_new) : key_is_new_(key_is_new) {}
  std::optional<std::uint64_t> used_below() const override {
    return key_is_new_ ? std::optional<std::uint64_t>(1) : std::nullopt;
  }
  Result<void, std::string> set_used_below(std::uint64_t) override { return {}; }

 private:
  bool key_is_new_;
};

}  // namespace waggle::client
