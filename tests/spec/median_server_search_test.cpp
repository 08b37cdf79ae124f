// docs/spec/median-smr.md, 8: whole servers under random blocking, partitions, crashes, restarts
// and lost disks: nobody disagrees, and afterwards everything gets executed. What single rules are
// good for is shown without whole servers (median_sealing_search_test.cpp).

#include <gtest/gtest.h>

#include "tests/support/median_network.hpp"
#include "tests/support/scaled.hpp"

namespace waggle::median {
namespace {

using test::MedianNetwork;

/// One random run. Rounds come in spans with one kind of weather each.
class RandomRun {
 public:
  RandomRun(std::uint32_t n, std::uint64_t seed)
      : network_({.n = n, .T = 2, .B = 3}, seed, 200), rng_(seed * 77 + n) {}

  bool agreement() {
    for (int span = 0; span < 14; ++span) {
      const std::uint32_t weather = below(5);
      const std::uint32_t halves = below(1u << network_.n());
      for (std::uint32_t i = 1 + below(5); i > 0; --i) {
        disturb();
        network_.round(blocked(weather, halves));
        if (!network_.agree() || network_.conflicts() > 0) return false;
      }
    }
    for (std::uint32_t i = 0; i < network_.n(); ++i) {
      network_.crash(i);
      network_.restart(i);
    }
    for (int i = 0; i < 8; ++i) {  // clients ask again, one number after the other
      for (const Content& content : submitted_) network_.submit(0, content);
      network_.rounds(10);
    }
    return network_.agree();
  }

  /// After agreement(), when all have been up for a while.
  bool all_executed() const { return network_.all_executed(submitted_); }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(rng_.below(bound)); }
  std::uint32_t anyone() { return below(network_.n()); }

  std::set<std::uint32_t> blocked(std::uint32_t weather, std::uint32_t halves) {
    std::set<std::uint32_t> result;
    for (std::uint32_t i = 0; i < network_.n(); ++i) {
      if (weather == 1 && below(3) == 0) result.insert(i);           // flapping
      if (weather == 2 && (halves >> i) % 2 == 1) result.insert(i);  // some for a while
      if (weather == 3) result.insert(i);                            // surge
    }
    if (weather == 4 && below(2) == 0) result.insert(anyone());
    return result;
  }

  void disturb() {
    if (below(2) == 0) submit();
    const std::uint32_t i = anyone();
    switch (below(12)) {
      case 0:
        if (network_.up(i)) network_.crash_at_write(i);
        return;
      case 1:
        if (network_.up(i)) network_.crash(i);
        return;
      case 2:
      case 3:
      case 4:
        if (!network_.up(i)) network_.restart(i);
        return;
      case 5:  // as long as one of them has lost its memory no other one may
        for (std::uint32_t j = 0; j < network_.n(); ++j) {
          if (!network_.up(j) || network_.server(j).rejoining()) return;
        }
        network_.wipe(i);
        return;
      default: return;
    }
  }

  void submit() {
    const std::uint32_t client = below(6);
    std::uint64_t& number = numbers_[client];
    // The next one only once the last is executed somewhere, as clients do.
    for (std::uint32_t i = 0; i < network_.n() && number > 0; ++i) {
      if (network_.up(i) && network_.server(i).final()->number(
                                network_.command(client, 1).command.client) >= number) {
        break;
      }
      if (i + 1 == network_.n()) return;
    }
    submitted_.push_back(network_.command(client, ++number));
    network_.submit(anyone(), submitted_.back());
    network_.submit(anyone(), submitted_.back());
  }

  MedianNetwork network_;
  sim::Random rng_;
  std::map<std::uint32_t, std::uint64_t> numbers_;
  std::vector<Content> submitted_;
};

class MedianServerSearch : public testing::TestWithParam<std::uint32_t> {};

TEST_P(MedianServerSearch, WithAllRulesEveryRunAgrees) {
  for (std::uint64_t seed = 1; seed <= scaled(150); ++seed) {
    RandomRun run(GetParam(), seed);
    ASSERT_TRUE(run.agreement()) << "seed " << seed;
    ASSERT_TRUE(run.all_executed()) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MedianServerSearch, testing::Values(3, 4, 5, 7));

}  // namespace
}  // namespace waggle::median
