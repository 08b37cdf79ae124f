#pragma once

#include <array>
#include <optional>
#include <string>

#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "consensus/core/request.hpp"
#include "smr/replica/client_routes.hpp"
#include "smr/replica/environment.hpp"

namespace waggle::smr {

/// A request whose signature and sizes were checked (check_request), on any thread.
struct VerifiedRequest {
  SharedBytes bytes;
  RequestRef request;
};
Result<VerifiedRequest, Refusal> check_request(SharedBytes bytes, const ChainConfig& config,
                                               const Verifier& verifier);

/// What every host counts.
struct HostCounters {
  std::array<std::uint64_t, kRefusalCount> refused{};  ///< By reason, protocol and clients.
  std::uint64_t state_mismatches = 0;                  ///< Peers whose state differs from ours.
};

/// A host's side towards clients as far as the core does not matter: who waits for whose results,
/// and what is refused. All it refers to must outlive it.
class ClientDesk {
 public:
  ClientDesk(const Limits& limits, Environment& environment, HostCounters& counters)
      : limits_(limits), environment_(environment), counters_(counters) {}

  void count(Refusal reason) { ++counters_.refused[static_cast<std::size_t>(reason)]; }
  /// Counted, and answered if anybody asked.
  void reject(std::optional<ClientConnection> to, const RequestRef& request, Refusal reason,
              std::string detail = {});
  /// As ReplicaHost::on_refused_request.
  void refuse(ClientConnection from, ByteView head, std::uint64_t size, Refusal reason);

  ClientRoutes& routes() noexcept { return routes_; }

 private:
  const Limits& limits_;
  Environment& environment_;
  HostCounters& counters_;
  ClientRoutes routes_;
};

}  // namespace waggle::smr
