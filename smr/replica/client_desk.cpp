#include "smr/replica/client_desk.hpp"

#include <utility>

namespace waggle::smr {

Result<VerifiedRequest, Refusal> check_request(SharedBytes bytes, const ChainConfig& config,
                                               const Verifier& verifier) {
  auto request = parse_request(*bytes, config.limits);
  if (!request) return Unexpected{request.error()};
  if (auto ok = verify_request(*bytes, config, verifier); !ok) return Unexpected{ok.error()};
  return VerifiedRequest{std::move(bytes), *request};
}

void ClientDesk::reject(std::optional<ClientConnection> to, const RequestRef& request,
                        Refusal reason, std::string detail) {
  count(reason);
  if (!to) return;
  environment_.reply(
      *to, Rejected{request.client, request.first, request.count, reason, std::move(detail)});
}

void ClientDesk::refuse(ClientConnection from, ByteView head, std::uint64_t size, Refusal reason) {
  std::string detail;
  if (reason == Refusal::kTooLarge) detail = excess(measure_request(head, size), limits_);
  reject(from, peek_request(head), reason, std::move(detail));
}

}  // namespace waggle::smr
