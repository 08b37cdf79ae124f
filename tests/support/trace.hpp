#pragma once

#include <map>
#include <string>

#include "tests/support/bench.hpp"

namespace waggle::testing {

/// Writes inputs and effects as lines that a person can read and compare. Blocks are called by
/// view ("B3", twins "B3'"), in the order in which they were first seen.
class Trace {
 public:
  explicit Trace(const Chain& chain);

  std::string name(const Digest& block);
  void note(const BlockPtr& block);
  std::string text(const Tip& tip);
  std::string text(const chained::Message& message);
  /// One line; empty for effects that only repeat (heartbeat timers).
  std::string text(const chained::Core::EffectType& effect);

 private:
  std::string text(const chained::ViewProof& proof);
  std::string text(const Block& block);

  std::map<Digest, std::string> names_;
  std::map<View, int> per_view_;
};

}  // namespace waggle::testing
