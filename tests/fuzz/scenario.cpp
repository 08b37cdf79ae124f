#include "sim/scenario/scenario.hpp"

#include "sim/scenario/write.hpp"
#include "tests/fuzz/targets.hpp"

namespace waggle::fuzz {

void scenario(ByteView input) {
  const auto read = sim::parse_scenario(as_text(input), "file", {});
  if (!read) return;
  const std::string text = sim::write_scenario(*read, "");
  const auto again = sim::parse_scenario(text, "file", {});
  if (!again) ensure_failed("read again", __FILE__, __LINE__, text + again.error().to_string());
  ENSURE(sim::write_scenario(*again, "") == text);
}

}  // namespace waggle::fuzz
