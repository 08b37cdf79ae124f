#pragma once

#include <string>
#include <variant>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"
#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"
#include "smr/protocol/finding.hpp"

/// What clients and replicas say to each other. Used by the replica host, the client library and
/// the wire codec. Replies are not signed: they travel over authenticated connections, and a
/// client believes f+1 equal ones.
namespace waggle::smr {

// From a client.

/// A signed request (consensus/core/request.hpp). The same bytes may be sent again at any time.
struct Submit {
  SharedBytes request;
};
/// Asks which number the client should use next.
struct SessionQuery {
  ClientId client;
  std::uint32_t lane = 0;  ///< Of the median rule: below 2^16. 0 where the core has no lanes.
};
/// Asks one replica's state machine, without ordering: the answer may be stale.
struct LocalRead {
  std::uint64_t id = 0;  ///< Chosen by the client, returned with the answer.
  Bytes query;
};
struct StatusQuery {};
/// Asks one replica for a proof that a command is committed (docs/proofs.md). Anybody may ask.
struct ProofQuery {
  ClientId client;
  std::uint64_t number = 0;
  /// Of the median rule, whose servers keep no history: the command's encoded
  /// certificate::Certificate, to be judged and made into a proof. Otherwise empty.
  Bytes certificate;
};

using ClientMessage = std::variant<Submit, SessionQuery, LocalRead, StatusQuery, ProofQuery>;

// From a replica.

/// What became of one command: its number and the state machine's result.
struct CommandResult {
  std::uint64_t number = 0;
  Bytes result;
  friend bool operator==(const CommandResult&, const CommandResult&) = default;
};
/// Commands of one client that one block executed (or had executed before: the first result).
struct Committed {
  ClientId client;
  View view;
  Height height;
  Digest block;
  std::vector<CommandResult> results;
  /// Of the median rule: encoded certificate::Acknowledgement of the client (of one lane); may be
  /// empty. What this replica says, not what all say.
  Bytes acknowledgement;
};
/// Nothing of these commands was executed because of this request; the reason says what to do.
struct Rejected {
  ClientId client;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  Refusal reason{};
  std::string detail;  ///< For people: of kTooLarge, which limit and by what. Mostly empty.
};
struct SessionInfo {
  ClientId client;
  std::uint64_t next = 1;  ///< The lowest number that it has not executed: in that lane, whole.
  std::uint32_t lane = 0;
};
struct LocalReadResult {
  std::uint64_t id = 0;
  Height height;  ///< The state is that after this block.
  Bytes result;
};
/// One replica's view of itself.
struct Status {
  ReplicaId replica;
  std::uint32_t n = 0;
  Digest chain_id;
  std::string version;
  std::string phase;  ///< "active", "rejoining", "stopped".
  View view;
  ReplicaId leader;  ///< Of that view.
  Height committed;
  Height executed;
  Digest state_digest;  ///< After the executed height.
  std::uint64_t commands_executed = 0;
  std::uint64_t timeouts = 0;  ///< View timers that ran out.
  std::uint64_t mempool_requests = 0;
  std::uint64_t mempool_bytes = 0;
  std::vector<ReplicaId> peers_connected;
  std::vector<Finding> findings;  ///< Why it does not commit, the most important first.
  std::uint64_t time_ms = 0;      ///< The replica's wall clock, since 1970 UTC.
  std::uint64_t disk_free = 0;    ///< Bytes where its data directory lies ...
  std::uint64_t disk_size = 0;    ///< ... of so many; 0: not known.
};

/// Why a replica gives no proof. Numbers as on the wire.
enum class ProofRefusal : std::uint8_t {
  kNotCommitted = 1,  ///< It has not executed such a command, or not yet.
  kNotProvable = 2,   ///< Not yet: no pair of certified blocks above it that it could show.
  kPruned = 3,        ///< A block that the proof needs is not kept here any more.
  kBusy = 4,          ///< Too many are being made; ask again, or somebody else.
  // Of the median rule: without a certificate, or what is wrong with it (certificate::Doubt).
  kNoCertificate = 5,
  kBadCertificate = 6,    ///< Malformed, or of another command than was asked for.
  kAhead = 7,             ///< Its position is not committed there yet.
  kSurplusLinks = 8,      ///< It goes on above the root of its tree.
  kWrongCertificate = 9,  ///< The command is not what is committed at its position.
  kShortChain = 10,       ///< It does not reach what the server keeps.
};
inline constexpr std::uint32_t kProofRefusalLast = 10;
/// For people.
std::string_view to_string(ProofRefusal refusal) noexcept;

struct ProofResult {
  ClientId client;
  std::uint64_t number = 0;
  Result<SharedBytes, ProofRefusal> proof;  ///< Encoded (smr/certificate/commit_proof.hpp).
};

using ReplicaMessage =
    std::variant<Committed, Rejected, SessionInfo, LocalReadResult, Status, ProofResult>;

}  // namespace waggle::smr
