#include "tests/unit/net/loopback.hpp"

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/core/sample_chain.hpp"

namespace waggle::net {

namespace {
constexpr std::uint8_t kHeader[] = {0x08, 0x01};   // version 1
constexpr std::uint8_t kTextTag[] = {0x9a, 0x06};  // field 99, length-delimited
}  // namespace

TlsIdentity test_identity(std::uint32_t number) {
  return TlsIdentity::from_seed(seed_of(static_cast<std::uint8_t>(kTlsSeed + number))).value();
}

Frame text_frame(const std::string& text, std::vector<std::size_t> segments) {
  Frame frame;
  frame.header.assign(std::begin(kHeader), std::end(kHeader));
  for (const std::size_t size : segments) {
    frame.header.push_back(0x10);
    for (std::size_t rest = size;; rest >>= 7) {
      frame.header.push_back(static_cast<std::uint8_t>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0)));
      if (rest <= 0x7f) break;
    }
    Bytes segment(size);
    for (std::size_t i = 0; i < size; ++i) segment[i] = static_cast<std::uint8_t>(i * 31 + size);
    frame.segments.push_back(std::make_shared<const Bytes>(std::move(segment)));
  }
  frame.header.insert(frame.header.end(), std::begin(kTextTag), std::end(kTextTag));
  frame.header.push_back(static_cast<std::uint8_t>(text.size()));
  frame.header.insert(frame.header.end(), text.begin(), text.end());
  return frame;
}

std::string text_of(const Frame& frame) {
  const auto at = std::search(frame.header.begin(), frame.header.end(), std::begin(kTextTag),
                              std::end(kTextTag));
  return at == frame.header.end() ? "" : std::string(at + 3, frame.header.end());
}

bool await(EventLoop& loop, const std::function<bool()>& condition) {
  Timer tick(loop);
  std::function<void()> again = [&] { tick.start(Duration(1000), again); };
  again();
  return loop.run_until(condition, std::chrono::seconds(5));
}

void serve(EventLoop& loop, Duration time) {
  loop.run_until([] { return false; }, time);
}

PeerLimits quick_limits() {
  PeerLimits limits;
  limits.reconnect_min = Duration(2'000);
  limits.reconnect_max = Duration(10'000);
  limits.penalty_min = Duration(30'000);
  limits.penalty_max = Duration(60'000);
  return limits;
}

Node::Node(EventLoop& loop, std::uint32_t self, std::uint32_t n, PeerLimits limits,
           std::uint16_t port, std::uint32_t key_number)
    : id{self},
      transport(loop, test_identity(key_number == ~0u ? self : key_number),
                [&] {
                  PeerConfig config{id, {"127.0.0.1", port}, {}, limits};
                  for (std::uint32_t i = 0; i < n; ++i) {
                    config.peers.push_back(
                        {ReplicaId{i}, {"127.0.0.1", 1}, test_identity(i).public_key()});
                  }
                  return config;
                }(),
                {[this](ReplicaId from, Frame frame) { frames[from].push_back(std::move(frame)); },
                 [this](ReplicaId peer) { events.push_back("+" + std::to_string(peer.value)); },
                 [this](ReplicaId peer) { events.push_back("-" + std::to_string(peer.value)); },
                 [this](std::optional<ReplicaId> from, Refusal reason) {
                   refused.emplace_back(from, reason);
                 }}) {}

bool Node::heard(std::uint32_t from, const std::string& text) const {
  const auto found = frames.find(ReplicaId{from});
  if (found == frames.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](const Frame& frame) { return text_of(frame) == text; });
}

void connect_all(std::vector<Node*> nodes) {
  for (Node* const node : nodes) EXPECT_TRUE(node->transport.start().has_value());
  for (Node* const node : nodes) {
    for (const Node* const other : nodes) node->know(*other);
  }
}

RawSocket::RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawSocket::~RawSocket() { ::close(fd_); }

void RawSocket::write(ByteView bytes) {
  if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 && errno != EAGAIN) closed_ = true;
}

Bytes RawSocket::read() {
  Bytes bytes(64 << 10);
  const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (count == 0 || (count < 0 && errno != EAGAIN)) closed_ = true;
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

RawTls::RawTls(std::uint16_t port, const TlsIdentity* identity, const PublicKey& pin)
    : context_(identity ? TlsContext::Role::kPeer : TlsContext::Role::kClient, identity),
      session_(context_, TlsSession::Side::kDial, {pin}),
      socket_(port) {}

bool RawTls::pump() {
  const Bytes input = socket_.read();
  session_.feed(input);
  if (!done_) done_ = session_.handshake() == TlsSession::Status::kOk;
  Bytes ignored(16 << 10);
  while (done_ && session_.read(std::span(ignored)).status == TlsSession::Status::kOk) {
  }
  socket_.write(std::exchange(session_.output(), {}));
  return done_;
}

void RawTls::write(ByteView plain) {
  EXPECT_TRUE(session_.write(plain));
  socket_.write(std::exchange(session_.output(), {}));
}

void RawTls::say_goodbye() {
  session_.shutdown();
  socket_.write(std::exchange(session_.output(), {}));
}

bool RawTls::reads_end() { return pump(), socket_.closed(); }

}  // namespace waggle::net
