// One libFuzzer program per target: WAGGLE_FUZZ_TARGET is its function.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  waggle::fuzz::WAGGLE_FUZZ_TARGET({data, size});
  return 0;
}
