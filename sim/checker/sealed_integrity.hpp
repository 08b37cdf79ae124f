#pragma once

#include <map>
#include <set>

#include "consensus/core/interfaces.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// Of a world with the median rule: only submitted commands execute, each at most once, and what a
/// client is told of one stands where it says.
class SealedIntegrity final : public Property {
 public:
  /// The hasher must outlive the property.
  SealedIntegrity(Stage& stage, const Hasher* hasher)
      : Property(stage, "integrity"), hasher_(*hasher) {}

  void on_submitted(const ClientId& client, std::uint64_t number,
                    const app::KvCommand& command) override;
  void on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                 const smr::Executed& after) override;
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result) override;

 private:
  using Number = std::pair<ClientId, std::uint64_t>;
  const Hasher& hasher_;
  std::map<Digest, Number> submitted_;        ///< By leaf.
  std::map<Number, std::uint64_t> position_;  ///< Of what was executed.
  std::uint64_t end_ = 0;                     ///< Entries that were judged.
};

}  // namespace waggle::sim
