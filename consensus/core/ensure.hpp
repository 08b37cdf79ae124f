#pragma once

#include <string_view>

namespace waggle {

/// Writes the facts to standard error and aborts. Use ENSURE instead of calling it.
[[noreturn]] void ensure_failed(const char* condition, const char* file, int line,
                                std::string_view facts) noexcept;

}  // namespace waggle

/// Stops the process when our own reasoning is wrong: a broken invariant, in every build.
/// Never for bytes of a peer or client (Refusal) and never for the environment (Result).
#define ENSURE(condition, ...)                                                    \
  do {                                                                            \
    if (!(condition)) [[unlikely]]                                                \
      ::waggle::ensure_failed(#condition, __FILE__, __LINE__, "" __VA_ARGS__);    \
  } while (false)
