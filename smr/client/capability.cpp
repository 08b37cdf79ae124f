#include "smr/client/capability.hpp"

#include <algorithm>

namespace waggle::client {

Capability pbeegees_capability(std::uint32_t n, const ClientOptions& options) {
  const std::uint32_t f = (n - 1) / 3;
  return {.commands_max = options.limits.commands_max,
          .window = kWindow,
          .lanes_max = 1,
          .reserve = kReserve,
          .believed = f + 1,
          .asked_first = f + 1,
          .session_answers = n - f};
}

Capability median_capability(std::uint32_t n, const ClientOptions& options) {
  return {.commands_max = 1,
          .window = 1,
          .lanes_max = options.batching.lanes_max,
          .reserve = 0,
          .believed = 1,
          .asked_first = std::min(n, 2U),
          .session_answers = n / 2 + 1};
}

Capability capability_of(const ClientOptions& options) {
  const auto n = static_cast<std::uint32_t>(options.replicas.size());
  const bool median = options.chain != nullptr && options.chain->leaders == nullptr;
  return median ? median_capability(n, options) : pbeegees_capability(n, options);
}

Timing timing_of(const ClientOptions& options) {
  const Duration expected = options.answer_expected;
  Timing timing = options.timing;
  timing.fallback_after = std::max(timing.fallback_after, expected);
  timing.patience_max = std::max(timing.patience_max, 4 * expected);
  timing.retry_min = std::max(timing.retry_min, expected / 2);
  timing.retry_max = std::max(timing.retry_max, expected);
  return timing;
}

}  // namespace waggle::client
