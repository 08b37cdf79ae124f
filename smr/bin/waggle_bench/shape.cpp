#include "smr/bin/waggle_bench/shape.hpp"

#include <algorithm>
#include <numeric>

#include "consensus/core/ensure.hpp"

namespace waggle::bench {
namespace {

constexpr std::uint64_t kNanoseconds = 1'000'000'000;

}  // namespace

Schedule::Span Schedule::due(std::uint64_t index) const {
  // Rounded up, so that due_by(due(i)) counts command i.
  const std::uint64_t rest = (index % rate_ * kNanoseconds + rate_ - 1) / rate_;
  return Span(static_cast<Span::rep>(index / rate_ * kNanoseconds + rest));
}

std::uint64_t Schedule::due_by(Span now) const {
  if (now.count() < 0) return 0;
  const auto span = static_cast<std::uint64_t>(now.count());
  return span / kNanoseconds * rate_ + span % kNanoseconds * rate_ / kNanoseconds + 1;
}

std::uint32_t Session::commands() const {
  return std::accumulate(groups.begin(), groups.end(), std::uint32_t{0});
}

std::vector<Session> divide(std::uint32_t in_flight, std::uint32_t batch,
                            std::uint32_t session_max) {
  ENSURE(in_flight >= 1 && batch >= 1 && batch <= session_max);
  const std::uint32_t per_session = session_max / batch;
  const std::uint32_t groups = (in_flight + batch - 1) / batch;
  std::vector<Session> sessions((groups + per_session - 1) / per_session);
  for (std::uint32_t i = 0; i < groups; ++i) {
    sessions[i % sessions.size()].groups.push_back(std::min(batch, in_flight - i * batch));
  }
  return sessions;
}

}  // namespace waggle::bench
