#include "smr/client/number_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace waggle::client {
namespace {

std::string text_of(const PublicKey& client, const Digest& chain_id, std::uint64_t used_below) {
  return fmt::format("waggle-numbers 1\nclient {}\nchain {}\nused-below {:020}\n",
                     to_hex(client.view()), to_hex(chain_id.view()), used_below);
}

std::string system_error() { return std::strerror(errno); }

/// Reads at most `size` bytes from the start; more than the format has means that it is not ours.
std::optional<std::string> read_start(int descriptor, std::size_t size) {
  std::string text(size, '\0');
  const ssize_t got = pread(descriptor, text.data(), size, 0);
  if (got < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(got));
  return text;
}

}  // namespace

NumberFile::NumberFile(std::filesystem::path file, int descriptor, const Digest& chain_id,
                       const PublicKey& client)
    : file_(std::move(file)), descriptor_(descriptor), chain_id_(chain_id), client_(client) {}

NumberFile::~NumberFile() { close(descriptor_); }

Result<std::unique_ptr<NumberFile>, std::string> NumberFile::open(const std::filesystem::path& file,
                                                                  const Digest& chain_id,
                                                                  const PublicKey& client) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Unexpected{fmt::format("{}: cannot be opened: {}", file.string(), system_error())};
  }
  std::unique_ptr<NumberFile> opened(new NumberFile(file, descriptor, chain_id, client));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Unexpected{opened->problem(
        errno == EWOULDBLOCK
            ? "another process is using this key; wait for it, or use a key of your own "
              "(waggle keygen)"
            : "cannot be locked: " + system_error())};
  }
  if (const auto loaded = opened->load(); !loaded) return Unexpected{loaded.error()};
  return opened;
}

Result<void, std::string> NumberFile::create(const std::filesystem::path& file,
                                             const Digest& chain_id, const PublicKey& client) {
  const auto opened = open(file, chain_id, client);
  if (!opened) return Unexpected{opened.error()};
  if ((*opened)->used_below()) return {};
  return (*opened)->set_used_below(1);
}

Result<void, std::string> NumberFile::load() {
  const std::string expected = text_of(client_, chain_id_, 0);
  const auto text = read_start(descriptor_, expected.size() + 1);
  if (!text) return Unexpected{problem("cannot be read: " + system_error())};
  if (text->empty()) return {};

  constexpr std::size_t kTail = 21;  // Twenty digits and the end of the line.
  const std::size_t head = expected.size() - kTail;
  const std::string digits = text->size() == expected.size() ? text->substr(head, 20) : "";
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
      number == 0 || !text->starts_with("waggle-numbers 1\n")) {
    return Unexpected{problem("is damaged; remove it, the client finds its numbers again")};
  }
  if (text->compare(0, head, expected, 0, head) != 0) {
    return Unexpected{problem("belongs to another key or another chain; name another file")};
  }
  used_below_ = number;
  return {};
}

Result<void, std::string> NumberFile::set_used_below(std::uint64_t number) {
  const std::string text = text_of(client_, chain_id_, number);
  const ssize_t written = pwrite(descriptor_, text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size())) {
    return Unexpected{
        problem("cannot be written: " + (written < 0 ? system_error() : "disk full"))};
  }
  if (fdatasync(descriptor_) != 0) return Unexpected{problem("sync failed: " + system_error())};
  used_below_ = number;
  return {};
}

std::string NumberFile::problem(const std::string& what) const {
  return file_.string() + ": " + what;
}

}  // namespace waggle::client
