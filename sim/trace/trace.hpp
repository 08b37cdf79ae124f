#pragma once

#include <array>

#include "sim/trace/event.hpp"

namespace waggle::sim {

/// Everything that happens in a run goes through here: into a running digest, which is equal for
/// equal runs on every compiler and machine, and to a sink if one is attached.
class Trace {
 public:
  /// Null: to nobody. The sink must outlive the trace.
  explicit Trace(EventSink* sink = nullptr) : sink_(sink) {}

  void note(Duration at, const Event& event) {
    ++counts_[static_cast<std::size_t>(event.kind)];
    digest_event(at, event);
    if (sink_ != nullptr) sink_->write(at, event);
  }
  /// Events of a kind so far.
  std::uint64_t count(EventKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  /// Over the fields of all events so far, in order.
  std::uint64_t digest() const noexcept { return digest_; }

 private:
  void digest_event(Duration at, const Event& event) noexcept;

  EventSink* sink_;
  std::array<std::uint64_t, kEventKindCount> counts_{};
  std::uint64_t digest_ = 0xcbf29ce484222325;
};

}  // namespace waggle::sim
