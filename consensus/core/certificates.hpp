#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "consensus/core/chain_config.hpp"
#include "consensus/core/encoding.hpp"
#include "consensus/core/interfaces.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"

namespace waggle {

/// One replica's signature inside a certificate.
struct SignerSignature {
  ReplicaId signer;
  Signature signature;
  friend bool operator==(const SignerSignature&, const SignerSignature&) = default;
};

/// Names a quorum certificate without its signatures.
struct QcRef {
  View view;
  Digest block;
  friend bool operator==(const QcRef&, const QcRef&) = default;
};

/// Quorum certificate: q replicas voted for `block` in `view`. Signers rise strictly.
struct QuorumCert {
  View view;
  Digest block;
  std::vector<SignerSignature> signatures;

  QcRef ref() const { return {view, block}; }
  friend bool operator==(const QuorumCert&, const QuorumCert&) = default;
};
using QcPtr = std::shared_ptr<const QuorumCert>;

/// Rank of a tip or block, compared view first.
struct Rank {
  View view;
  View qc_view;
  friend constexpr auto operator<=>(const Rank&, const Rank&) = default;
};

/// What a replica stands on: the last block it voted for, or the highest certified block it has
/// validated if that is of a higher view. qc_view is the view of that block's own QC.
struct Tip {
  View view;
  Digest block;
  View qc_view;

  Rank rank() const { return {view, qc_view}; }
  friend auto operator<=>(const Tip&, const Tip&) = default;
};

/// A replica gives up on `view`. Signed over (view, tip).
struct Timeout {
  View view;
  ReplicaId sender;
  Tip tip;
  Signature signature;
  std::optional<Signature> tip_vote;  ///< The sender's vote on the tip, when it voted for it (4.7).
  QcRef high_qc;                      ///< Reference to the sender's highest QC.
  QcPtr full_qc;                      ///< The QC itself, to leader(view + 1) only; may be null.
};

/// Timeout certificate: q timeouts of `view` from distinct replicas, distinct tips stored once.
struct TimeoutCert {
  struct Entry {
    ReplicaId replica;
    std::uint32_t tip = 0;  ///< Index into tips.
    Signature signature;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  View view;
  std::vector<Tip> tips;       ///< Rising strictly; each named by an entry.
  std::vector<Entry> entries;  ///< Replicas rise strictly.

  const Tip& tip_of(const Entry& entry) const { return tips.at(entry.tip); }
  /// The highest (view, qc_view) that any entry claims.
  Rank rank_max() const;
  friend bool operator==(const TimeoutCert&, const TimeoutCert&) = default;
};
using TcPtr = std::shared_ptr<const TimeoutCert>;

/// Assembles a TC of `view` from timeouts of that view of distinct replicas, in any order.
TimeoutCert make_timeout_cert(View view, std::vector<Timeout> timeouts);

// Bytes that are signed.
Bytes vote_bytes(const Digest& chain_id, View view, const Digest& block);
Bytes vote_bytes(const ChainConfig& config, View view, const Digest& block);
Bytes timeout_bytes(const Digest& chain_id, View view, const Tip& tip);

// Digests that block headers carry.
Digest qc_digest(const QuorumCert& qc, const Hasher& hasher);
/// H(H(tips), H(signatures)): an outsider opens it with the tip list and the second hash alone.
Digest tc_digest(const TimeoutCert& tc, const Hasher& hasher);
Digest tc_digest(View view, const std::vector<Tip>& tips, const Digest& signatures,
                 const Hasher& hasher);
/// That second hash.
Digest tc_signatures_digest(const TimeoutCert& tc, const Hasher& hasher);

// Canonical encodings (docs/encoding.md).
void encode(Writer& writer, const Tip& tip);
void encode(Writer& writer, const QcRef& ref);
void encode(Writer& writer, const QuorumCert& qc);
void encode(Writer& writer, const TimeoutCert& tc);
void encode(Writer& writer, const Timeout& timeout);
Tip decode_tip(Reader& reader);
QcRef decode_qc_ref(Reader& reader);
QuorumCert decode_qc(Reader& reader);
TimeoutCert decode_tc(Reader& reader);
Timeout decode_timeout(Reader& reader);

/// The fixed certificate of the genesis block: view 0, no signatures.
QuorumCert genesis_qc(const Digest& genesis_block);

/// Checks q distinct known signers in rising order and every signature. A QC of view 0 is valid
/// only if it is the genesis QC for `genesis_block`.
Result<void, Refusal> verify_qc(const QuorumCert& qc, const Digest& genesis_block,
                                const ChainConfig& config, const Verifier& verifier);
/// Checks exactly q distinct known signers in rising order, tips in order and used, no tip of a
/// view above the certificate's (3.4), and every signature.
Result<void, Refusal> verify_tc(const TimeoutCert& tc, const ChainConfig& config,
                                const Verifier& verifier);
/// Checks the timeout's own signatures, not full_qc.
Result<void, Refusal> verify_timeout(const Timeout& timeout, const ChainConfig& config,
                                     const Verifier& verifier);

}  // namespace waggle
