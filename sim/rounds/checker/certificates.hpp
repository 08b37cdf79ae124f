#pragma once

#include "sim/base/random.hpp"
#include "sim/rounds/checker/complaint.hpp"
#include "sim/rounds/checker/full_forest.hpp"
#include "smr/certificate/server_chains.hpp"

namespace waggle::sim::rounds {

/// Judges certificates by the whole forest of the agreed sequence (section 6). Complete: the one
/// that a client holds is accepted by every server that has the command. Sound: whatever is
/// accepted is true to the last bit, the command at its position and every link; for that, each
/// certificate is shown altered as well, in a way that is drawn.
class CertificateChecker final : public Checker {
 public:
  CertificateChecker(const Hasher& hasher, std::uint64_t seed)
      : Checker("certificates"), hasher_(hasher), forest_(hasher), random_(seed) {}

  /// The sequence grew by an entry; nothing: one that does not execute.
  void on_entry(const std::optional<Digest>& leaf);
  /// A server's roots, which must be those of the sequence's beginning.
  void on_chains(std::uint64_t round, std::uint32_t server,
                 const certificate::ServerChains& chains);
  /// Shows a client's certificate, and one altered, to a server that has committed the command.
  void on_certificate(std::uint64_t round, std::uint32_t server,
                      const certificate::ServerChains& chains,
                      const certificate::Certificate& held);
  /// An acknowledgement that the client refused.
  void on_refused(std::uint64_t round, const std::string& which) {
    complain(round, "a client refused the acknowledgement of " + which);
  }

  /// Certificates shown, altered ones included.
  std::uint64_t shown() const noexcept { return shown_; }

 private:
  bool is_true(const certificate::Certificate& shown, std::uint64_t count) const;
  certificate::Certificate altered(certificate::Certificate held, std::uint64_t count);

  const Hasher& hasher_;
  FullForest forest_;
  Random random_;
  std::uint64_t shown_ = 0;
};

}  // namespace waggle::sim::rounds
