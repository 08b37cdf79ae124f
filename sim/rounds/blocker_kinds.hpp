#pragma once

#include "sim/rounds/blockers.hpp"

/// The strategies themselves, for blockers.cpp, which knows how they are written.
namespace waggle::sim::rounds {

using Made = std::unique_ptr<Blocker>;

/// Some rounds, once or again and again.
struct Span {
  Round from = 0;
  Round rounds = 0;
  Round every = 0;  ///< From one beginning to the next; 0: once.

  bool contains(Round round) const {
    if (round < from) return false;
    const Round since = round - from;
    return (every == 0 ? since : since % every) < rounds;
  }
};

std::uint32_t count_of(Share share, std::uint32_t n);

// Those that look at nothing (blockers_blind.cpp).
Made make_nobody();
Made make_fresh(Share share);
Made make_permanent(Share share);
Made make_flapping(Share share, Round spell);
Made make_server(std::uint32_t server);
Made make_surge(Span span);
Made make_partition(Share share);
Made make_lossy(Share share);
Made make_restart(Share share);
Made make_loss(Share share);
Made make_pause(Share share, Round down);
Made make_crash(Share share, Round down);

// Those that look at the round before (blockers_adaptive.cpp).
Made make_acted(Share share);
Made make_ahead(Share share);
Made make_newest(Share share);
Made make_outliers(Share share);
Made make_client(Share share);
Made make_balance();
Made make_tie(Share share);

}  // namespace waggle::sim::rounds
