#pragma once

#include "net/event_loop.hpp"
#include "smr/bin/waggle_bench/report.hpp"
#include "smr/bin/waggle_bench/target.hpp"

/// Runs of a load, each with what is done to the cluster meanwhile.
namespace waggle::bench {

/// Waits, shows progress, and leaves when it is interrupted. Before any thread is made, signals are
/// to be held (net::EventLoop::hold_signals).
class Watch {
 public:
  Watch();
  /// Until that moment. Throws cli::Failure when interrupted, or when a replica has ended. Notes
  /// the largest resident size of each minute.
  void wait(Clock::time_point end, Target& target, Recorder& recorder);
  /// The same without a load to show.
  void rest(Clock::time_point end, Target& target);

  const std::vector<double>& rss_mb_by_minute() const noexcept { return rss_mb_by_minute_; }

 private:
  void wait_until(Clock::time_point until, Target& target);
  void note_memory(const ClusterUsage& usage);

  net::EventLoop loop_;
  bool interrupted_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
  std::vector<double> rss_mb_by_minute_;
};

/// Warms up, measures, and reads back if that was asked for. Throws cli::Failure.
void measure(Report& report, Target& target);

/// Single commands, then nothing for so long, then a command again.
Idle measure_idle(Target& target, double seconds);

/// A run for each number of commands in flight.
std::vector<Report> measure_sweep(const Report& base, Target& target);

}  // namespace waggle::bench
