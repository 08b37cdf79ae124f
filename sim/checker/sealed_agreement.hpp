#pragma once

#include <map>

#include "sim/checker/height_window.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// All servers of the median rule execute the same entries in the same order, each once, and have
/// equal states after equal numbers of them. Of what they take for final, executed or not, equal
/// lengths are equal sequences, and no server's gets shorter while it runs, or than what it
/// executed.
class SealedAgreement final : public Property {
 public:
  explicit SealedAgreement(Stage& stage)
      : Property(stage, "agreement"), executed_(stage.n), final_(stage.n) {}

  void on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                 const smr::Executed& after) override;
  void on_installed(ReplicaId server, const smr::Executed& at) override;
  void on_final(ReplicaId server, const median::FinalPrefix& final) override;
  void on_restarted(ReplicaId server, const smr::Executed& position) override;
  void on_forgot(ReplicaId server) override { final_.at(server.value) = 0; }

  /// Entries that anybody executed.
  std::uint64_t executed() const noexcept { return entries_.end().value - 1; }

 private:
  struct Entry {
    median::Named named;
    bool applies = false;
    ReplicaId by;  ///< Who executed it first.
    Duration at;
  };
  struct Point {
    Digest digest;
    ReplicaId by;
    Duration at;
  };
  using Points = std::map<std::uint64_t, Point>;  ///< By number of entries.
  void compare(Points& points, ReplicaId server, std::uint64_t length, const Digest& digest,
               std::string_view what);

  HeightWindow<Entry> entries_;  ///< The one at position p has height p + 1.
  Points states_;
  Points finals_;
  std::vector<std::uint64_t> executed_;  ///< By server, in this life.
  std::vector<std::uint64_t> final_;     ///< By server; at the least, after a restart.
};

}  // namespace waggle::sim
