#pragma once

namespace waggle::crypto {

/// Readies libsodium: picks the processor's fast paths and opens the system's source of entropy.
/// Everything in this folder that needs it calls it; calling it again costs a load. Thread-safe.
/// Aborts when the system has no entropy: no key made after that would be worth anything.
void init() noexcept;

}  // namespace waggle::crypto
