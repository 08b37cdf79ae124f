#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "sim/base/random.hpp"

namespace waggle::sim {

/// What an adversary knows and may use: its own key and no other.
struct AdversarySetup {
  ReplicaId self;
  const ChainConfig& chain;
  const Hasher& hasher;
  const Signer& signer;
  Random rng;
};

/// A Byzantine replica: an honest host and core whose messages are tampered with on their way out.
/// Several adversaries of one replica work one after the other. Not thread-safe; what the setup
/// refers to must outlive it.
class Adversary {
 public:
  virtual ~Adversary() = default;

  using Messages = std::vector<chained::Message>;
  /// What leaves instead of `message` on its way to `to`. Called once per receiver.
  virtual Messages tamper(ReplicaId to, const chained::Message& message) = 0;
  using Addressed = std::vector<std::pair<ReplicaId, chained::Message>>;
  /// What it says on its own because of what it heard.
  virtual Addressed hear(const chained::Message& message) = 0;
};

/// Values of a strategy's parameters: counts, microseconds or millionths, as the strategy says.
using Parameters = std::map<std::string, std::int64_t, std::less<>>;

struct ParameterKind {
  enum class Unit : std::uint8_t { kCount, kDuration, kShare };
  std::string_view name;
  std::string_view meaning;
  Unit unit = Unit::kCount;
  std::int64_t fallback = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
};

/// A strategy that scenarios can name.
struct AdversaryKind {
  std::string_view name;
  std::string_view summary;
  std::vector<ParameterKind> parameters;
  /// `parameters` holds a value for each of the kind's.
  std::unique_ptr<Adversary> (*make)(const AdversarySetup& setup, const Parameters& parameters);
};

/// All strategies, in the order of the documentation.
std::span<const AdversaryKind> adversary_kinds();
/// Null if there is none of that name.
const AdversaryKind* find_adversary(std::string_view name);
/// The fallback of every parameter.
Parameters defaults_of(const AdversaryKind& kind);

}  // namespace waggle::sim
