#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "consensus/core/result.hpp"
#include "crypto/ed25519.hpp"

/// Files that hold one secret key each. Text, three lines, each ended by a line feed:
///
///   waggle-key 1 consensus        format version 1; the kind: consensus, tls or client
///   <64 hex digits>               the 32 secret bytes (the Ed25519 seed)
///   <64 hex digits>               the public key, which must belong to them
///
/// The functions are thread-safe. They leave no copy of the secret behind in memory.
namespace waggle::crypto {

/// What a key is for. A file of one kind is refused where another is asked for, so that no key
/// ever serves two purposes by mistake.
enum class KeyKind : std::uint8_t {
  kConsensus,  ///< Signs a replica's proposals, votes and timeouts.
  kTls,        ///< Authenticates a replica's connections.
  kClient,     ///< Signs a client's requests.
};

/// The word in the first line.
std::string_view to_string(KeyKind kind) noexcept;

struct KeyFileError {
  enum class Reason : std::uint8_t {
    kCannotRead,   ///< Missing, or the system refuses.
    kCannotWrite,  ///< The system refuses, or the disk failed.
    kExists,       ///< There is a file of this name already; it was left as it is.
    kPermissions,  ///< Group or others may read, write or execute it.
    kMalformed,    ///< Not a key file, or damaged.
    kVersion,      ///< Of a format that this program does not know.
    kWrongKind,    ///< A key of another kind.
    kMismatch,     ///< The public key does not belong to the secret.
  };
  Reason reason;
  std::string text;  ///< One line: the file, what is wrong, what to do. No secret in it.
};

/// Reads a key of this kind. Refuses what is not exactly as above (only the last line feed may be
/// missing), and any file whose mode grants something to group or others.
Result<KeyPair, KeyFileError> read_key_file(const std::filesystem::path& file, KeyKind kind);

/// Writes a key with mode 0600. All or nothing: the file appears under its name when it is
/// complete and on disk. Never overwrites: a key that is lost is lost for good.
Result<void, KeyFileError> write_key_file(const std::filesystem::path& file, KeyKind kind,
                                          const KeyPair& keys);

}  // namespace waggle::crypto
