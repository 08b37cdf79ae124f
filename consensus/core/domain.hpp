#pragma once

#include "consensus/core/bytes.hpp"
#include "consensus/core/encoding.hpp"

/// Domain tags: the first 16 bytes of everything that is signed or hashed, so that bytes of one
/// purpose can never be taken for bytes of another. All of them stand here, and each serves one
/// purpose (docs/encoding.md). Frozen: a change needs a new number.
namespace waggle::domain {

using Tag = std::array<std::uint8_t, 16>;

consteval Tag tag(std::string_view name) {
  Tag bytes{};
  for (std::size_t i = 0; i < name.size(); ++i) bytes[i] = static_cast<std::uint8_t>(name[i]);
  return bytes;
}

// Hashed.
inline constexpr Tag kChain = tag("waggle/chain/1");
inline constexpr Tag kBlock = tag("waggle/block/1");
inline constexpr Tag kQc = tag("waggle/qc/1");
inline constexpr Tag kTc = tag("waggle/tc/1");
inline constexpr Tag kTips = tag("waggle/tips/1");
inline constexpr Tag kTipSignatures = tag("waggle/tipsigs/1");
inline constexpr Tag kLeaf = tag("waggle/leaf/1");
inline constexpr Tag kNode = tag("waggle/node/1");
inline constexpr Tag kForest = tag("waggle/forest/1");
inline constexpr Tag kState = tag("waggle/state/1");         ///< One pair of the state.
inline constexpr Tag kSession = tag("waggle/session/1");     ///< One client's session.
inline constexpr Tag kSessions = tag("waggle/sessns/1");     ///< All sessions.
inline constexpr Tag kCompared = tag("waggle/compare/1");    ///< State and sessions.
inline constexpr Tag kCore = tag("waggle/core/1");           ///< A core's own state; never sent.
inline constexpr Tag kSequence = tag("waggle/seq/1");        ///< One more entry of a sequence.
inline constexpr Tag kLane = tag("waggle/lane/1");           ///< One of a client's lanes.
inline constexpr Tag kSealedState = tag("waggle/mstate/1");  ///< A median server's, on its way.
inline constexpr Tag kNullLeaf = tag("waggle/null/1");       ///< Stands for what does not execute.
// Signed.
inline constexpr Tag kProposal = tag("waggle/propose/1");
inline constexpr Tag kVote = tag("waggle/vote/1");
inline constexpr Tag kTimeout = tag("waggle/timeout/1");
inline constexpr Tag kRequest = tag("waggle/request/1");
inline constexpr Tag kRejoinChallenge = tag("waggle/rejoin/1");
inline constexpr Tag kRejoinReport = tag("waggle/report/1");
inline constexpr Tag kTlsBinding = tag("waggle/tlsbind/1");
inline constexpr Tag kPre = tag("waggle/pre/1");        ///< PRE, what a server proposes to seal.
inline constexpr Tag kCommit = tag("waggle/commit/1");  ///< COMMIT, a server's share of a seal.

// Starts a file, or something that is handed on like one.
inline constexpr Tag kSnapshot = tag("waggle/snap/1");
inline constexpr Tag kProof = tag("waggle/proof/1");
inline constexpr Tag kSealedProof = tag("waggle/sealed/1");
inline constexpr Tag kCertificate = tag("waggle/cert/1");    ///< Judged by a server.
inline constexpr Tag kClientRecord = tag("waggle/acked/1");  ///< What a client stores per command.

/// Starts bytes to be signed or hashed: tag, then the chain they belong to.
inline Writer begin(const Tag& tag, const Digest& chain) {
  Writer writer;
  writer.raw(tag).fixed(chain);
  return writer;
}

}  // namespace waggle::domain
