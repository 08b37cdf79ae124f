#pragma once

#include <set>
#include <vector>

#include "sim/rounds/checker/agreement.hpp"
#include "sim/rounds/checker/certificates.hpp"
#include "sim/rounds/checker/executions.hpp"
#include "sim/rounds/checker/memory.hpp"
#include "sim/rounds/holders.hpp"
#include "sim/rounds/log_servers.hpp"

namespace waggle::sim::rounds {

/// Lets checkers look, after every round of a world of servers that seal, at every certificate that
/// every client holds, at every server that has committed its command, and at what all of them
/// keep. What has not changed since it was last looked at has the same verdict, and is left out.
class Audit {
 public:
  Audit(const LogServers& servers, const Hasher& hasher, std::uint32_t n, std::uint64_t seed)
      : servers_(servers),
        hasher_(hasher),
        holders_(hasher),
        certificates_(hasher, seed),
        memory_(n),
        seen_(n) {}

  /// The agreed sequence grew by this entry; `leaf`: nothing if it does not execute.
  void on_entry(const std::optional<Digest>& leaf) { certificates_.on_entry(leaf); }
  /// The server told the client that its command is committed.
  void on_acknowledged(std::uint64_t round, std::uint32_t client, std::uint64_t number,
                       std::uint32_t server);
  /// `submitted`: numbers of clients so far; `executions`: has judged the agreed sequence.
  void after_round(std::uint64_t round, std::uint64_t submitted,
                   const ExecutionChecker& executions);

  const CertificateChecker& certificates() const noexcept { return certificates_; }
  const MemoryChecker& memory() const noexcept { return memory_; }
  const Holders& holders() const noexcept { return holders_; }

 private:
  /// A server's chains as they were last looked at.
  struct Seen {
    std::uint64_t length = 0;
    Digest encoding;
    std::uint64_t bytes = 0;
  };

  void look_at(std::uint64_t round, std::uint32_t server);
  void show(std::uint64_t round, std::uint32_t client, std::uint32_t server);

  const LogServers& servers_;
  const Hasher& hasher_;
  Holders holders_;
  CertificateChecker certificates_;
  MemoryChecker memory_;
  std::vector<Seen> seen_;
  std::set<std::uint32_t> told_;  ///< Clients whose certificates changed in this round.
  std::set<Digest> shown_;        ///< Chains that saw all certificates, by their encodings.
};

}  // namespace waggle::sim::rounds
