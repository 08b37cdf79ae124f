#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "consensus/chained/pacemaker_config.hpp"
#include "sim/adversary/plan.hpp"
#include "sim/base/random.hpp"

namespace waggle::sim {

/// What an adversary knows and may use: its own key and no other.
struct AdversarySetup {
  ReplicaId self;
  const ChainConfig& chain;
  const Hasher& hasher;
  const Signer& signer;
  const chained::PacemakerConfig& pacemaker;  ///< Of the honest replicas.
  Random rng;
  const Plan* plan = nullptr;  ///< What a strategy that has one is to do; outlives it.
};

/// A message on its way out of a Byzantine replica.
struct Outgoing {
  ReplicaId to;
  chained::Message message;
  Duration delay{0};  ///< How long it is held back.
};

/// A Byzantine replica: an honest host and core whose messages are tampered with on their way out.
/// Several adversaries of one replica work one after the other, each on what the one before lets
/// out. Not thread-safe; what the setup refers to must outlive it.
class Adversary {
 public:
  virtual ~Adversary() = default;

  using Out = std::vector<Outgoing>;
  /// Appends to `out` what leaves instead of the message. Called once per receiver, for what the
  /// replica sends to others.
  virtual void tamper(Outgoing message, Out& out) { out.push_back(std::move(message)); }
  /// Hears a message of another replica that passed the stateless checks, before its own host does,
  /// and appends what it says because of it. That is not tampered with.
  virtual void hear(ReplicaId from, const chained::Message& message, Out& out) {
    static_cast<void>(from), static_cast<void>(message), static_cast<void>(out);
  }
  /// Whether its own host hears of the message, too.
  virtual bool lets_in(ReplicaId from, const chained::Message& message) {
    static_cast<void>(from), static_cast<void>(message);
    return true;
  }
  /// Whether it comes back from this restart as if it were new, with an empty disk. Asked once per
  /// restart.
  virtual bool forgets() { return false; }
};

/// Values of a strategy's parameters: counts, microseconds, millionths or indices of words, by the
/// parameter's unit.
using Parameters = std::map<std::string, std::int64_t, std::less<>>;

struct ParameterKind {
  enum class Unit : std::uint8_t { kCount, kDuration, kShare, kWord };
  std::string_view name;
  std::string_view meaning;
  Unit unit = Unit::kCount;
  std::int64_t fallback = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::vector<std::string_view> words = {};  ///< Of kWord; the value is an index.
};

/// A strategy that scenarios can name.
struct AdversaryKind {
  std::string_view name;
  std::string_view summary;
  std::vector<ParameterKind> parameters;
  /// `parameters` holds a value for each of the kind's.
  std::unique_ptr<Adversary> (*make)(const AdversarySetup& setup, const Parameters& parameters);
  bool has_plan = false;  ///< It follows a plan, and does nothing without one.
};

/// All strategies, in the order of the documentation.
std::span<const AdversaryKind> adversary_kinds();
/// Null if there is none of that name.
const AdversaryKind* find_adversary(std::string_view name);
/// The fallback of every parameter.
Parameters defaults_of(const AdversaryKind& kind);

}  // namespace waggle::sim
