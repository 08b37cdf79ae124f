#include "smr/median/recommended.hpp"

namespace waggle::median {
namespace {

/// What up to so many servers get.
struct Row {
  std::uint32_t n;
  std::uint32_t T;
  std::uint32_t B;
  std::uint32_t round_ms;
};

// T and B: of those tried, the ones with the lowest mean of rounds from submission to
// acknowledgement over the blocked fractions 0, 10 and 30%, four commands being submitted in each
// round, by
//   waggle-sim rounds --rule sealed --n N --t T --b B --block fresh:10%
// Up to 32 servers everyone hears everyone: PREs take a round and COMMITs another. B = 2 is as
// fast as that without faults, and comes to a stop with 40% blocked; B = 4 lets each be sent twice,
// for half a round more. Above, T hardly matters: the median waits for logs to agree anyway.
//
// round_ms: two ways through a network of a few milliseconds, clocks that differ by as much, and
// time to verify the signatures of a window, 2n of them in B rounds at about 60 us.
constexpr Row kRows[] = {
    {1, 1, 2, 20},   {32, 2, 4, 20},    {64, 8, 8, 20},
    {128, 8, 9, 20}, {256, 10, 11, 25}, {1024, 10, 14, 50},
};

}  // namespace

Recommended recommended(std::uint32_t n) {
  const Row* row = kRows;
  while (row->n < n && row != std::end(kRows) - 1) ++row;
  return {{.n = n, .k = 6, .l = 3, .sigma = {1, 1}, .T = row->T, .B = row->B}, row->round_ms};
}

}  // namespace waggle::median
