#include "consensus/core/ensure.hpp"

#include <cstdlib>
#include <iostream>

namespace waggle {

void ensure_failed(const char* condition, const char* file, int line,
                   std::string_view facts) noexcept {
  std::cerr << "invariant broken: " << condition << " at " << file << ':' << line;
  if (!facts.empty()) std::cerr << ": " << facts;
  std::cerr << std::endl;
  std::abort();
}

}  // namespace waggle
