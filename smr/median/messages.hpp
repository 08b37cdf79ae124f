#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "consensus/core/protocol_core.hpp"
#include "smr/median/named.hpp"
#include "smr/median/seal.hpp"

/// What servers of the median rule say to each other (sections 3, 8 and 9). Every message names its
/// round, or is about what no round changes. Values; what is bulky inside is shared.
namespace waggle::median {

/// Section 3: asks for the log of the round's start. Says what the asker has, so that the answer
/// can leave it out (9).
struct LogRequest {
  Round round = 0;
  std::uint64_t final_length = 0;  ///< Of the asker's final prefix.
  std::uint64_t entries = 0;       ///< Of the asker's log.
  /// Hashes of its log's prefixes (log_marks.hpp), at every multiple of mark_step(entries), and of
  /// the whole log last. At most kMarksMax.
  std::vector<std::uint64_t> marks;
  Window window = 0;  ///< The newest one that the asker has a PRE or COMMIT of, or is in.
  std::vector<std::uint64_t> pres;  ///< Bit i of word i / 64: it has the PRE of that window of i.
  std::uint64_t commits = 0;        ///< Hash of the COMMITs of that window that it has.
  std::uint64_t lock = 0;           ///< Hash of its lock with marks.
  bool rejoining = false;           ///< 8.7: it lost its memory; others sign PREs, empty ones too.

  friend bool operator==(const LogRequest&, const LogRequest&) = default;
};
inline constexpr std::size_t kMarksMax = 65;
/// Words of `pres`, at most; of a chain of n servers (n + 63) / 64.
inline constexpr std::size_t kServerWordsMax = 64;
/// Entries of a log, at most; a server takes no command from a client beyond half of it.
inline constexpr std::size_t kLogEntriesMax = 16'384;

/// PRE(w, D) with its signature (8.2).
struct SignedPre {
  ReplicaId server;
  Window window = 0;
  std::uint64_t base = 0;  ///< Length of the final prefix that D goes on from.
  Digest base_chain;       ///< Its chain digest.
  std::vector<Named> entries;
  Signature signature;

  friend bool operator==(const SignedPre&, const SignedPre&) = default;
};

/// A PRE without the entries of D: all that is signed of it. Whoever has a sequence with this chain
/// digest, its own D mostly, has D.
struct PreHead {
  ReplicaId server;
  Window window = 0;
  std::uint64_t base = 0;
  Digest base_chain;
  std::uint64_t length = 0;  ///< Of D.
  Digest chain;              ///< Of D.
  Signature signature;

  friend bool operator==(const PreHead&, const PreHead&) = default;
};
/// Asks a server for its own PRE of this window, with the entries.
struct PreRequest {
  Window window = 0;
  friend bool operator==(const PreRequest&, const PreRequest&) = default;
};

/// The answer, with what 8.6 spreads and the asker lacks.
struct LogReply {
  Round round = 0;
  std::uint64_t final_length = 0;  ///< Of the answerer's final prefix.
  std::uint64_t shared = 0;        ///< So many entries are those that the asker's log begins with.
  std::vector<StampedNamed> entries;  ///< What follows.
  std::vector<SignedPre> pres;        ///< Of the answerer's newest window.
  std::vector<Commit> commits;        ///< The same.
  /// One pre-certificate for each mark of the lock, if the asker's lock is another one.
  std::vector<std::vector<SignedPre>> certificates;
  /// The window of the answerer's last PRE, for one that lost its memory; 0 if it never signed any
  /// or has itself lost its memory.
  Window last_pre = 0;

  friend bool operator==(const LogReply&, const LogReply&) = default;
};
inline constexpr std::size_t kCertificatesMax = 256;

/// A command that its receiver is to append, with the round of the request.
struct StampedContent {
  Content content;
  Round stamp = 0;
};
/// Section 3: append requests.
struct Append {
  Round round = 0;
  std::vector<StampedContent> commands;
};

/// Asks for commands of which only the names came.
struct ContentRequest {
  std::vector<Digest> digests;  ///< Leaves; at most kContentsMax.
  friend bool operator==(const ContentRequest&, const ContentRequest&) = default;
};
/// Those that the answerer has; not asked for, too.
struct Contents {
  std::vector<Content> commands;
};
inline constexpr std::size_t kContentsMax = 512;
/// Requests in one message, in bytes; a single one may be larger.
inline constexpr std::size_t kRequestBytesMax = 4u << 20;
/// What was sealed at once is handed on at once, up to so many bytes.
inline constexpr std::size_t kLongRunBytesMax = 24u << 20;

/// 8.6: asks for what the final prefix has from this position on.
struct FinalRequest {
  std::uint64_t from = 0;
  friend bool operator==(const FinalRequest&, const FinalRequest&) = default;
};
/// An entry of the final prefix; null entries have no request.
struct FinalEntry {
  Named entry;
  SharedBytes request;
};
/// What was sealed from `from` on, and what seals its end. Nothing: the answerer does not keep
/// commands that old, and the asker needs the state.
struct FinalReply {
  std::uint64_t from = 0;
  std::vector<FinalEntry> entries;
  std::vector<Commit> seal;  ///< Of more than n/2 servers; the shortest ends where `entries` do.
};
inline constexpr std::size_t kFinalEntriesMax = 32'768;

using Message = std::variant<LogRequest, LogReply, Append, SignedPre, Commit, ContentRequest,
                             Contents, FinalRequest, FinalReply, PreHead, PreRequest>;

/// The alternative's name in snake_case, for counters and traces.
std::string_view kind_of(const Message& message) noexcept;

/// The chain over the entries is computed.
PreHead head_of(const SignedPre& pre, const Hasher& hasher);
/// What is signed of a PRE: window, base, both ends' chain digests and the length.
Bytes pre_message(const Digest& chain_id, const PreHead& head);
/// The chain digest of a sequence one entry longer (decision i of docs/spec/median-smr.md).
Digest extend_chain(const Digest& chain, const Named& entry, const Hasher& hasher);

/// Fills in the signature of a PRE or COMMIT; the rest is handed on as it is.
Message sign(Message message, const Signer& signer, const ChainConfig& chain, const Hasher& hasher);

/// Every stateless check of a message that came from server `from` by an authenticated connection:
/// bounds, servers that exist, signatures of every PRE and COMMIT inside, a pre-certificate's
/// servers more than n/2 and different, and that a PRE or COMMIT by itself is the sender's. Any
/// thread.
Result<Verified<Message>, Refusal> validate(Message message, ReplicaId from,
                                            const ChainConfig& chain, const Verifier& verifier,
                                            const Hasher& hasher);

// Canonical encodings (docs/encoding.md); requests inside are u32 length and bytes.
void encode(Writer& writer, const Named& named);
Named decode_named(Reader& reader);
void encode(Writer& writer, const SignedPre& pre);
SignedPre decode_pre(Reader& reader);
void encode(Writer& writer, const PreHead& head);
PreHead decode_pre_head(Reader& reader);
void encode(Writer& writer, const Commit& commit);
Commit decode_commit(Reader& reader);
/// A u8 for the kind, in the order of the variant, then its fields in their order.
Bytes encode(const Message& message);
/// Refuses everything that encode() would not have written, and (kTooLarge) what is above a bound.
/// Contents are read by read_content(), so that a digest is always that of its request.
Result<Message, Refusal> decode_message(ByteView bytes, const Limits& limits, const Hasher& hasher);

}  // namespace waggle::median
