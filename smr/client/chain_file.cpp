#include "smr/client/chain_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "consensus/core/encoding.hpp"
#include "consensus/core/request.hpp"
#include "smr/median/named.hpp"

namespace waggle::client {
namespace {

constexpr std::uint8_t kIssued = 1;
constexpr std::uint8_t kAcknowledged = 2;
constexpr std::size_t kFrame = 4 + 8;  ///< Length and checksum.
constexpr std::size_t kBodyMin = 1 + 8;

std::string system_error() { return std::strerror(errno); }

/// FNV-1a: tells records that a crash tore from whole ones.
std::uint64_t checksum(ByteView bytes) {
  std::uint64_t sum = 14695981039346656037ULL;
  for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 1099511628211ULL;
  return sum;
}

Result<Bytes, std::string> read_at(int descriptor, std::uint64_t offset, std::size_t size) {
  Bytes bytes(size);
  std::size_t got = 0;
  while (got < size) {
    const ssize_t more =
        pread(descriptor, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (more < 0) return Unexpected{"cannot be read: " + system_error()};
    if (more == 0) return Unexpected{std::string("became shorter while it was open")};
    got += static_cast<std::size_t>(more);
  }
  return bytes;
}

bool blank(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

ChainFile::~ChainFile() { close(descriptor_); }

Result<std::unique_ptr<ChainFile>, std::string> ChainFile::open(const std::filesystem::path& file,
                                                                const Digest& chain_id,
                                                                const ClientId& client,
                                                                const Hasher& hasher) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Unexpected{fmt::format("{}: cannot be opened: {}", file.string(), system_error())};
  }
  std::unique_ptr<ChainFile> opened(new ChainFile(file, descriptor, client, hasher));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Unexpected{opened->problem(errno == EWOULDBLOCK
                                          ? "another process is using this key"
                                          : "cannot be locked: " + system_error())};
  }
  const std::string head = fmt::format("waggle-chains 1\nclient {}\nchain {}\n",
                                       to_hex(client.view()), to_hex(chain_id.view()));
  if (const auto loaded = opened->load(head); !loaded) return Unexpected{loaded.error()};
  return opened;
}

Result<void, std::string> ChainFile::load(const std::string& head) {
  const off_t size = lseek(descriptor_, 0, SEEK_END);
  if (size < 0) return Unexpected{problem("cannot be read: " + system_error())};
  const auto read = read_at(descriptor_, 0, static_cast<std::size_t>(size));
  if (!read) return Unexpected{problem(read.error())};
  const ByteView bytes(*read);
  if (bytes.size() < head.size() && as_text(bytes) == head.substr(0, bytes.size())) {
    unwritten_ = to_bytes(head);  // New, or a crash came at once.
    return {};
  }
  if (!as_text(bytes).starts_with(head)) {
    return Unexpected{problem("is damaged, or of another key or another chain; move it away")};
  }
  for (end_ = head.size(); end_ < bytes.size();) {
    const ByteView rest = bytes.subspan(end_);
    Reader reader(rest);
    const std::uint32_t length = reader.u32();
    const std::uint64_t sum = reader.u64();
    const ByteView body = reader.raw(length);
    if (blank(rest) || !reader.ok()) break;  // Never synced.
    if (sum != checksum(body) || !take(body, end_ + kFrame)) {
      return Unexpected{problem(fmt::format(
          "is damaged at byte {}; move it away, and keep it: what it says up to there holds",
          end_))};
    }
    end_ += kFrame + length;
  }
  if (end_ < bytes.size() && ftruncate(descriptor_, static_cast<off_t>(end_)) != 0) {
    return Unexpected{problem("cannot be written: " + system_error())};
  }
  return {};
}

/// Notes a record; false if it is none.
bool ChainFile::take(ByteView body, std::uint64_t offset) {
  if (body.size() < kBodyMin) return false;
  Reader reader(body);
  const std::uint8_t kind = reader.u8();
  const std::uint64_t number = reader.u64();
  if (kind != kIssued && kind != kAcknowledged) return false;
  const ByteView content = reader.raw(reader.remaining());
  Lane& lane = lanes_[median::lane_of(number)];
  lane.records.push_back({number, offset + kBodyMin, static_cast<std::uint32_t>(content.size()),
                          kind == kAcknowledged});
  if (kind == kIssued)
    lane.open = Issued{number, Bytes(content.begin(), content.end())};
  else
    lane.open.reset();
  return true;
}

void ChainFile::append(std::uint8_t kind, std::uint64_t number, ByteView content) {
  const Bytes body = Writer().u8(kind).u64(number).raw(content).take();
  const std::uint64_t offset = end_ + unwritten_.size() + kFrame;
  ENSURE(take(body, offset), "a record that will be read again");
  Writer writer;
  writer.u32(static_cast<std::uint32_t>(body.size())).u64(checksum(body)).raw(body);
  unwritten_.insert(unwritten_.end(), writer.bytes().begin(), writer.bytes().end());
}

std::optional<ChainStore::Issued> ChainFile::unacknowledged(std::uint16_t lane) const {
  const auto found = lanes_.find(lane);
  return found == lanes_.end() ? std::nullopt : found->second.open;
}

void ChainFile::issue(std::uint64_t number, ByteView command) {
  const auto open = unacknowledged(median::lane_of(number));
  const bool same =
      open && open->number == number &&
      std::equal(command.begin(), command.end(), open->command.begin(), open->command.end());
  if (!same) append(kIssued, number, command);
}

void ChainFile::acknowledge(const certificate::Acknowledgement& acknowledgement) {
  const std::uint64_t number = acknowledgement.newest.number;
  const std::uint16_t lane = median::lane_of(number);
  const auto open = unacknowledged(lane);
  if (!open || open->number != number) return;
  const auto chains = this->chains(lane);
  if (!chains) return;  // It stays unacknowledged; whoever asks for a certificate is told why.
  const Digest leaf = command_leaf(client_, number, open->command, hasher_);
  auto record = (*chains)->acknowledge(acknowledgement, leaf, hasher_);
  // What came before it may be in a file that was lost: begin anew.
  if (!record) record = (*chains)->acknowledge({acknowledgement.newest, {}}, leaf, hasher_);
  if (record) append(kAcknowledged, number, *record);
}

Result<void, std::string> ChainFile::sync() {
  if (unwritten_.empty()) return {};
  const ssize_t written =
      pwrite(descriptor_, unwritten_.data(), unwritten_.size(), static_cast<off_t>(end_));
  if (written != static_cast<ssize_t>(unwritten_.size())) {
    return Unexpected{
        problem("cannot be written: " + (written < 0 ? system_error() : "disk full"))};
  }
  if (fdatasync(descriptor_) != 0) return Unexpected{problem("sync failed: " + system_error())};
  end_ += unwritten_.size();
  unwritten_.clear();
  return {};
}

/// The content of a record.
Result<Bytes, std::string> ChainFile::read(const Record& record) const {
  if (record.offset >= end_) {  // Not written yet.
    const auto from = unwritten_.begin() + static_cast<std::ptrdiff_t>(record.offset - end_);
    return Bytes(from, from + record.size);
  }
  auto bytes = read_at(descriptor_, record.offset, record.size);
  if (!bytes) return Unexpected{problem(bytes.error())};
  return bytes;
}

Result<certificate::ClientChains*, std::string> ChainFile::chains(std::uint16_t lane) {
  Lane& found = lanes_[lane];
  if (found.chains) return &*found.chains;
  certificate::ClientChains chains(client_);
  for (const Record& record : found.records) {
    if (!record.acknowledged) continue;
    const auto content = read(record);
    if (!content) return Unexpected{content.error()};
    if (!chains.restore(*content, hasher_)) {
      return Unexpected{problem("holds chains that contradict each other")};
    }
  }
  found.chains = std::move(chains);
  return &*found.chains;
}

Result<std::optional<certificate::Certificate>, std::string> ChainFile::certificate(
    std::uint64_t number) {
  using Found = std::optional<certificate::Certificate>;
  const std::uint16_t lane = median::lane_of(number);
  const auto chains = this->chains(lane);
  if (!chains) return Unexpected{chains.error()};
  const auto& records = lanes_[lane].records;
  const auto issued = std::find_if(records.rbegin(), records.rend(), [&](const Record& record) {
    return record.number == number && !record.acknowledged;
  });
  if (issued == records.rend()) return Found();
  auto command = read(*issued);
  if (!command) return Unexpected{command.error()};
  return (*chains)->certificate(number, std::move(*command));
}

std::string ChainFile::problem(const std::string& what) const {
  return file_.string() + ": " + what;
}

}  // namespace waggle::client
