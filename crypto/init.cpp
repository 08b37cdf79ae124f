#include "crypto/init.hpp"

#include <sodium.h>

#include "consensus/core/ensure.hpp"

namespace waggle::crypto {

void init() noexcept {
  static const bool ready = sodium_init() >= 0;
  ENSURE(ready, "libsodium finds no source of entropy");
}

}  // namespace waggle::crypto
