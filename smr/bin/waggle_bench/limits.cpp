#include "smr/bin/waggle_bench/limits.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/ed25519.hpp"
#include "smr/bin/waggle/cli.hpp"

namespace waggle::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kSpan{700};
constexpr std::size_t kRoundsMin = 20;

/// A descriptor that is closed with the object.
class File {
 public:
  explicit File(int fd) : fd_(fd) {
    if (fd < 0) throw cli::Failure(cli::kRefused, std::string("limits: ") + std::strerror(errno));
  }
  ~File() { close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

void need(bool done, const char* what) {
  if (done) return;
  throw cli::Failure(cli::kRefused, std::string("limits: ") + what + ": " + std::strerror(errno));
}

/// How long one call takes, as half of them do or less.
template <class Function>
nanoseconds p50(Function function) {
  std::vector<nanoseconds> spans;
  const auto end = Clock::now() + kSpan;
  while (spans.size() < kRoundsMin || Clock::now() < end) {
    const auto start = Clock::now();
    function();
    spans.push_back(Clock::now() - start);
  }
  const auto middle = spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2);
  std::nth_element(spans.begin(), middle, spans.end());
  return *middle;
}

double verifications_per_s() {
  const crypto::Ed25519Signer signer(crypto::KeyPair::generate());
  const crypto::Ed25519Verifier verifier;
  const Bytes message(64 * 160, 7);
  const Signature signature = signer.sign(message);
  const nanoseconds each = p50([&] {
    if (!verifier.verify(signer.public_key(), message, signature)) std::abort();
  });
  return 1e9 / static_cast<double>(each.count());
}

nanoseconds sync_p50(const std::filesystem::path& folder) {
  // A new name: whatever lies in the folder, a link of somebody else's too, is left alone.
  std::string name = (folder / "waggle-bench-sync-XXXXXX").string();
  const File file(mkostemp(name.data(), O_CLOEXEC));
  unlink(name.c_str());
  const std::vector<char> block(4096, 'w');
  return p50([&] {
    need(write(file.get(), block.data(), block.size()) == 4096, "write");
    need(fdatasync(file.get()) == 0, "fdatasync");
  });
}

/// Both ends of a TCP connection on loopback.
class Loopback {
 public:
  Loopback() : client_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), server_(accepted()) {
    const int yes = 1;
    for (const int fd : {client_.get(), server_.get()}) {
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    }
  }
  int client() const noexcept { return client_.get(); }
  int server() const noexcept { return server_.get(); }

 private:
  int accepted() const {
    const File listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    need(bind(listener.get(), raw, size) == 0 && listen(listener.get(), 1) == 0 &&
             getsockname(listener.get(), raw, &size) == 0 && connect(client_.get(), raw, size) == 0,
         "loopback");
    return accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
  }

  File client_;
  File server_;
};

nanoseconds round_trip_p50() {
  const Loopback loopback;
  std::thread echo([&] {
    std::array<char, 64> block;
    for (ssize_t got = 0; (got = recv(loopback.server(), block.data(), block.size(), 0)) > 0;) {
      send(loopback.server(), block.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
    }
  });
  std::array<char, 64> block{};
  bool whole = true;
  const nanoseconds each = p50([&] {
    const auto size = static_cast<ssize_t>(block.size());
    whole = whole && send(loopback.client(), block.data(), block.size(), MSG_NOSIGNAL) == size &&
            recv(loopback.client(), block.data(), block.size(), MSG_WAITALL) == size;
  });
  shutdown(loopback.client(), SHUT_WR);
  echo.join();
  need(whole, "loopback");
  return each;
}

}  // namespace

MachineLimits measure_limits(const std::filesystem::path& folder) {
  return {verifications_per_s(), sync_p50(folder), round_trip_p50()};
}

}  // namespace waggle::bench
