#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "consensus/core/chain_config.hpp"
#include "consensus/core/encoding.hpp"
#include "consensus/core/interfaces.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"

/// A request is one signature over a batch of commands of one client with consecutive numbers.
/// Layout: client 32 | first number u64 | count u32 | count x (length u32, bytes) | signature 64.
/// The client signs tag, chain id and everything before the signature.
namespace waggle {

/// One signed request inside a larger run of bytes (a payload, or a client's message).
struct RequestRef {
  ClientId client;
  std::uint64_t first = 0;   ///< Number of the first command; numbers start at 1.
  std::uint32_t count = 0;   ///< Commands, 1 .. Limits::commands_max.
  std::uint32_t offset = 0;  ///< Where the request starts.
  std::uint32_t size = 0;    ///< Its length in bytes, signature included.

  ByteView in(ByteView bytes) const noexcept { return bytes.subspan(offset, size); }
  std::uint64_t last() const noexcept { return first + count - 1; }
};

/// One command of a parsed request; `bytes` points into the request.
struct CommandRef {
  std::uint64_t number = 0;
  ByteView bytes;
};

/// Makes the signed bytes of a request. The caller keeps within the limits.
Bytes make_request(const Digest& chain_id, const Signer& client, std::uint64_t first,
                   std::span<const Bytes> commands);

/// Reads one request that fills `bytes`; checks layout and limits, not the signature.
Result<RequestRef, Refusal> parse_request(ByteView bytes, const Limits& limits);

/// What stands in front of the commands: client, first number, count.
inline constexpr std::size_t kRequestHeadSize = ClientId::kSize + 8 + 4;
/// Whose request this is, of its first bytes alone and unchecked; nothing if these are too few.
RequestRef peek_request(ByteView head);

/// What is limited of a request, whether it was made or not.
struct RequestSize {
  std::uint64_t bytes = 0;
  std::uint64_t commands = 0;
  std::uint64_t largest_command = 0;
};
/// The sizes of a request of `bytes` in all of which `head` is the beginning, or all.
RequestSize measure_request(ByteView head, std::uint64_t bytes);
/// Which limit is exceeded and by what, for people; empty if none is.
std::string excess(const RequestSize& size, const Limits& limits);

/// The commands of a request that parse_request accepted.
std::vector<CommandRef> commands_of(ByteView request);

/// Checks the client's signature and that the genesis file lets it submit.
Result<void, Refusal> verify_request(ByteView request, const ChainConfig& config,
                                     const Verifier& verifier);

/// The leaf of the Merkle forest that stands for one command.
Digest command_leaf(const ClientId& client, std::uint64_t number, ByteView command,
                    const Hasher& hasher);

class Payload;
using PayloadPtr = std::shared_ptr<const Payload>;

/// The commands of a block: requests one after the other, each behind its u32 length.
/// Immutable. Parsed and hashed once, where it was received; handed on by reference count.
class Payload {
 public:
  static PayloadPtr empty(const Hasher& hasher);
  /// Checks layout and limits, not signatures. Hashes every command.
  static Result<PayloadPtr, Refusal> parse(SharedBytes bytes, const Limits& limits,
                                           const Hasher& hasher);

  bool is_empty() const noexcept { return bytes_->empty(); }
  const SharedBytes& bytes() const noexcept { return bytes_; }
  const std::vector<RequestRef>& requests() const noexcept { return requests_; }
  /// One leaf per command, in order.
  const std::vector<Digest>& leaves() const noexcept { return leaves_; }
  /// Root of the forest over leaves().
  const Digest& root() const noexcept { return root_; }

 private:
  Payload() = default;
  SharedBytes bytes_;
  std::vector<RequestRef> requests_;
  std::vector<Digest> leaves_;
  Digest root_;
};

/// Appends a request to the bytes of a payload.
void append_to_payload(Bytes& payload, ByteView request);

}  // namespace waggle
