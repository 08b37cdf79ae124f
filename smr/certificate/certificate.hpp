#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "consensus/core/encoding.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"

/// Compressed certificates (docs/spec/median-smr.md, 6): clients hold them, servers judge them.
namespace waggle::certificate {

/// Where a command of a client stands in the committed sequence.
struct Placed {
  std::uint64_t number = 0;    ///< The client's; from 1 on, so that 0 is none.
  std::uint64_t position = 0;  ///< p(x): its leaf's index in the forest.

  friend bool operator==(const Placed&, const Placed&) = default;
};

/// A command with its position and hash chain hc(x), which may have grown since.
struct HashChain {
  Placed command;
  std::vector<Digest> links;  ///< The siblings on the way to the root, lowest first.

  friend bool operator==(const HashChain&, const HashChain&) = default;
};

/// What comes with an acknowledgement: where the command stands, and the chain of the command
/// that this client had committed before it.
struct Acknowledgement {
  Placed newest;
  std::optional<HashChain> previous;

  friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

/// (x, p(x), chain): that this command of this client is committed at this position.
struct Certificate {
  ClientId client;
  std::uint64_t number = 0;
  Bytes command;
  std::uint64_t position = 0;
  std::vector<Digest> links;

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// No tree of a forest is higher.
inline constexpr std::size_t kLinksMax = 63;

/// The canonical encoding (docs/encoding.md): tag, then the fields in their order.
Bytes encode(const Certificate& certificate);
/// Refuses everything that encode() would not have written, bytes left over included.
Result<Certificate, Refusal> decode_certificate(ByteView bytes);

void encode(Writer& writer, const Placed& placed);
Placed decode_placed(Reader& reader);
void encode(Writer& writer, const Acknowledgement& acknowledgement);
Acknowledgement decode_acknowledgement(Reader& reader);

/// What a server says against a certificate. Only kAhead may turn out differently later.
enum class Doubt : std::uint8_t {
  kMalformed = 1,     ///< Not the canonical encoding of a certificate.
  kAhead = 2,         ///< The position is not committed here yet.
  kSurplusLinks = 3,  ///< More links than the command's tree is high.
  kNotCommitted = 4,  ///< The chain does not lead from the command to what the server holds.
  kTooShort = 5,      ///< The chain meets neither a root nor the client's last two commands.
};
/// A sentence for people, without a full stop.
std::string_view describe(Doubt doubt) noexcept;

}  // namespace waggle::certificate
