#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "consensus/core/request.hpp"

/// Clients and their requests for the tests of this folder. Signatures are zeros: sessions and
/// mempool come after verification.
namespace waggle::smr {

inline ClientId client_of(unsigned index) {
  ClientId client;
  client.bytes[0] = static_cast<std::uint8_t>(index + 1);
  return client;
}

class ZeroSigner final : public Signer {
 public:
  explicit ZeroSigner(const ClientId& client) : client_(client) {}
  const PublicKey& public_key() const noexcept override { return client_; }
  Signature sign(ByteView) const noexcept override { return {}; }

 private:
  ClientId client_;
};

struct TestRequest {
  SharedBytes bytes;
  RequestRef ref;
};

/// A request of `count` commands of `command_size` bytes each.
inline TestRequest make(unsigned client, std::uint64_t first, std::uint32_t count = 1,
                        std::size_t command_size = 8) {
  const std::vector<Bytes> commands(count, Bytes(command_size, 'c'));
  auto bytes = std::make_shared<const Bytes>(
      make_request({}, ZeroSigner(client_of(client)), first, commands));
  const RequestRef ref = parse_request(*bytes, Limits{}).value();
  return {std::move(bytes), ref};
}

/// What a request takes besides its commands: client, number, count, signature.
inline constexpr std::size_t kRequestOverhead = 32 + 8 + 4 + 64;

inline PayloadPtr payload_of(const std::vector<TestRequest>& requests, const Hasher& hasher) {
  Bytes bytes;
  for (const TestRequest& request : requests) append_to_payload(bytes, *request.bytes);
  return Payload::parse(std::make_shared<const Bytes>(std::move(bytes)), Limits{}, hasher).value();
}

}  // namespace waggle::smr
