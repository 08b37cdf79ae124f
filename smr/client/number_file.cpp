#include "smr/client/number_file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace waggle::client {
namespace {

constexpr std::size_t kLaneLine = 32;  ///< "lane 00001 ", 20 digits, the end of the line.
constexpr std::size_t kDigits = 20;
constexpr std::size_t kHead = 160;  ///< The first three lines.

std::string system_error() { return std::strerror(errno); }

std::string name_of(std::size_t lane) {
  return lane == 0 ? "used-below " : fmt::format("lane {:05} ", lane);
}

std::string line_of(std::size_t lane, std::uint64_t used_below) {
  return fmt::format("{}{:020}\n", name_of(lane), used_below);
}

/// The number of a lane's line, which is whole; nothing if it is no such line.
std::optional<std::uint64_t> read_line(std::string_view line, std::size_t lane) {
  const std::string name = name_of(lane);
  const std::string_view digits = line.substr(kLaneLine - 1 - kDigits, kDigits);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!line.starts_with(name) || line.back() != '\n' || !whole) return std::nullopt;
  return number;
}

/// Space that the file system gave to a line which never became durable.
bool is_blank(std::string_view line) { return line.find_first_not_of('\0') == line.npos; }

/// All of the file, but not more than every lane takes.
std::optional<std::string> read_all(int descriptor) {
  std::string text(kHead + kLaneLine * 0x10000, '\0');
  const ssize_t got = pread(descriptor, text.data(), text.size(), 0);
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
  if (!(*opened)->used_.empty()) return {};
  (*opened)->since_key_ = true;
  if (const auto set = (*opened)->set_used_below(1); !set) return Unexpected{set.error()};
  return (*opened)->sync();
}

std::string NumberFile::head() const {
  return fmt::format("waggle-numbers {}\nclient {}\nchain {}\n", since_key_ ? 1 : 2,
                     to_hex(client_.view()), to_hex(chain_id_.view()));
}

Result<void, std::string> NumberFile::load() {
  const auto text = read_all(descriptor_);
  if (!text) return Unexpected{problem("cannot be read: " + system_error())};
  if (text->empty()) return {};
  const Unexpected damaged{problem("is damaged; remove it, the client finds its numbers again")};
  since_key_ = text->starts_with("waggle-numbers 1\n");
  if (!since_key_ && !text->starts_with("waggle-numbers 2\n")) return damaged;
  if (text->size() < kHead + kLaneLine) return damaged;
  if (!text->starts_with(head())) {
    return Unexpected{problem("belongs to another key or another chain; name another file")};
  }
  // Less than a line at the end was being written when the machine went down, and never used.
  for (std::size_t at = kHead; at + kLaneLine <= text->size(); at += kLaneLine) {
    const std::string_view line = std::string_view(*text).substr(at, kLaneLine);
    const bool blank = at > kHead && is_blank(line);
    const auto number = blank ? std::optional<std::uint64_t>(0) : read_line(line, used_.size());
    if (!number) return damaged;
    used_.push_back(*number);
  }
  if (since_key_ && used_[0] == 0) return damaged;
  return {};
}

std::optional<std::uint64_t> NumberFile::used_below(std::uint16_t lane) const {
  if (lane < used_.size() && used_[lane] != 0) return median::lane_number(lane, used_[lane]);
  return since_key_ ? std::optional(median::lane_number(lane, 1)) : std::nullopt;
}

Result<void, std::string> NumberFile::set_used_below(std::uint64_t number) {
  const std::size_t lane = median::lane_of(number);
  // Lines that are not there yet come along, so that there are no holes.
  const std::size_t from = std::min(used_.size(), lane);
  std::string text = used_.empty() ? head() : "";
  const std::uint64_t offset = used_.empty() ? 0 : kHead + from * kLaneLine;
  if (used_.size() <= lane) used_.resize(lane + 1);
  used_[lane] = median::number_in_lane(number);
  for (std::size_t i = from; i <= lane; ++i) {
    text += line_of(i, std::max<std::uint64_t>(used_[i], since_key_ ? 1 : 0));
  }
  dirty_ = true;
  return write(offset, text);
}

Result<void, std::string> NumberFile::write(std::uint64_t offset, std::string_view text) {
  const ssize_t written = pwrite(descriptor_, text.data(), text.size(), static_cast<off_t>(offset));
  if (written == static_cast<ssize_t>(text.size())) return {};
  return Unexpected{problem("cannot be written: " + (written < 0 ? system_error() : "disk full"))};
}

Result<void, std::string> NumberFile::sync() {
  if (!dirty_) return {};
  if (fdatasync(descriptor_) != 0) return Unexpected{problem("sync failed: " + system_error())};
  dirty_ = false;
  return {};
}

std::string NumberFile::problem(const std::string& what) const {
  return file_.string() + ": " + what;
}

}  // namespace waggle::client
