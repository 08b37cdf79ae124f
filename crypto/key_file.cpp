#include "crypto/key_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.hpp"
#include "crypto/secret.hpp"

namespace waggle::crypto {
namespace {

using Reason = KeyFileError::Reason;
using Path = std::filesystem::path;

constexpr std::string_view kMagic = "waggle-key ";
constexpr std::string_view kVersion = "1 ";
constexpr std::size_t kHexSize = 2 * kSeedSize;
constexpr std::size_t kFileSizeMax = 256;  // a whole file has 160 bytes or fewer

Unexpected<KeyFileError> refuse(Reason reason, const Path& file, const std::string& what) {
  return Unexpected{KeyFileError{reason, "key file " + file.string() + ": " + what}};
}

std::string system_error_text(int error) { return std::generic_category().message(error); }

/// Closes a descriptor when the scope ends.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const noexcept { return fd_; }
  bool valid() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

/// Reads until the end of the file or of the buffer; nothing on an error, which errno tells.
std::optional<std::size_t> read_all(int fd, std::span<std::uint8_t> buffer) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

bool write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

/// Cuts off the first line, without its line feed.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

bool decode_hex(std::string_view hex, std::span<std::uint8_t> out) {
  std::size_t size = 0;
  return hex.size() == 2 * out.size() &&
         sodium_hex2bin(out.data(), out.size(), hex.data(), hex.size(), nullptr, &size, nullptr) ==
             0 &&
         size == out.size();
}

void append_hex(std::string& text, ByteView bytes) {
  std::array<char, kHexSize + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  text.append(hex.data(), kHexSize);
  sodium_memzero(hex.data(), hex.size());
}

bool is_kind(std::string_view word) {
  return word == to_string(KeyKind::kConsensus) || word == to_string(KeyKind::kTls) ||
         word == to_string(KeyKind::kClient);
}

Result<void, KeyFileError> check_header(std::string_view line, KeyKind kind, const Path& file) {
  if (!line.starts_with(kMagic)) {
    return refuse(Reason::kMalformed, file, "this is not a waggle key file");
  }
  line.remove_prefix(kMagic.size());
  if (!line.starts_with(kVersion)) {
    return refuse(Reason::kVersion, file,
                  "its format is not version 1; use the program version that wrote it, or newer");
  }
  line.remove_prefix(kVersion.size());
  if (!is_kind(line)) {
    return refuse(Reason::kMalformed, file, "unknown kind of key; restore the file from a backup");
  }
  if (line != to_string(kind)) {
    return refuse(Reason::kWrongKind, file,
                  "holds a " + std::string(line) + " key, not a " + std::string(to_string(kind)) +
                      " key; name the right file");
  }
  return {};
}

Result<KeyPair, KeyFileError> parse(std::string_view text, KeyKind kind, const Path& file) {
  const auto header = check_header(take_line(text), kind, file);
  if (!header) return Unexpected{header.error()};
  SecretBytes seed(kSeedSize);
  PublicKey public_key;
  const bool well_formed = decode_hex(take_line(text), seed.writable()) &&
                           decode_hex(take_line(text), public_key.bytes) && text.empty();
  if (!well_formed) {
    return refuse(Reason::kMalformed, file, "the file is damaged; restore it from a backup");
  }
  KeyPair keys = KeyPair::from_seed(seed.view().first<kSeedSize>());
  if (keys.public_key() != public_key) {
    return refuse(Reason::kMismatch, file,
                  "the public key does not belong to the secret; restore the file from a backup");
  }
  return keys;
}

std::string format(KeyKind kind, const KeyPair& keys) {
  std::string text;
  text.reserve(kFileSizeMax);  // never moves, so that wiping it once is enough
  text.append(kMagic).append(kVersion).append(to_string(kind)).append("\n");
  append_hex(text, keys.seed());
  text.append("\n");
  append_hex(text, keys.public_key().view());
  text.append("\n");
  return text;
}

/// 0, or the errno of what failed.
int write_new_file(const Path& file, ByteView content) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid()) return errno;
  const bool ok =
      ::fchmod(out.get(), 0600) == 0 && write_all(out.get(), content) && ::fsync(out.get()) == 0;
  return ok ? 0 : errno;
}

int sync_directory(const Path& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid() || ::fsync(opened.get()) != 0) return errno;
  return 0;
}

}  // namespace

std::string_view to_string(KeyKind kind) noexcept {
  switch (kind) {
    case KeyKind::kConsensus: return "consensus";
    case KeyKind::kTls: return "tls";
    case KeyKind::kClient: return "client";
  }
  return "unknown";
}

Result<KeyPair, KeyFileError> read_key_file(const Path& file, KeyKind kind) {
  // Non-blocking, or a named pipe under this name would hang us.
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!in.valid() || ::fstat(in.get(), &status) != 0) {
    return refuse(Reason::kCannotRead, file,
                  system_error_text(errno) + "; make one with `waggle keygen` or name another");
  }
  if (!S_ISREG(status.st_mode)) {
    return refuse(Reason::kCannotRead, file, "not a regular file; name another");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse(Reason::kPermissions, file,
                  "open to group or others; run `chmod 600 " + file.string() + "`");
  }
  std::array<std::uint8_t, kFileSizeMax> buffer{};
  const WipeGuard wiped(buffer);
  const auto size = read_all(in.get(), buffer);
  if (!size) return refuse(Reason::kCannotRead, file, system_error_text(errno));
  return parse(as_text(ByteView(buffer).first(*size)), kind, file);
}

Result<void, KeyFileError> write_key_file(const Path& file, KeyKind kind, const KeyPair& keys) {
  const Path directory = file.has_parent_path() ? file.parent_path() : Path(".");
  const Path draft = directory / (".waggle-key-" + to_hex(random_bytes(8)));

  std::string text = format(kind, keys);
  int error = write_new_file(draft, as_bytes(text));
  wipe(text);
  // A link fails where a rename would replace what is there.
  if (error == 0 && ::link(draft.c_str(), file.c_str()) != 0) error = errno;
  ::unlink(draft.c_str());
  if (error == EEXIST) {
    return refuse(Reason::kExists, file, "exists already; move it away or name another");
  }
  if (error == 0) error = sync_directory(directory);
  if (error != 0) {
    return refuse(Reason::kCannotWrite, file,
                  system_error_text(error) + "; check the directory, or name another");
  }
  return {};
}

}  // namespace waggle::crypto
