// What a replica answers to requests that it does not take: the reason, over the same connection,
// and nothing is executed.
#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "crypto/ed25519.hpp"
#include "net/client_connection.hpp"
#include "net/codec.hpp"
#include "net/event_loop.hpp"
#include "tests/integration/cluster.hpp"
#include "tests/integration/sockets.hpp"

namespace waggle::integration {
namespace {

/// A client that sends bytes as they are, to one replica, and shows what it answers.
class RawClient {
 public:
  explicit RawClient(const client::ReplicaAddress& replica)
      : connection_(loop_, {.endpoint = replica.endpoint, .tls_key = replica.tls_key},
                    {[this](net::Frame frame) { hear(std::move(frame)); }, [this] { ++ups_; },
                     [](const std::string&) {}}) {
    connection_.start();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RawClient() {
    loop_.stop();
    thread_.join();
  }
  void send(Bytes request) {
    const auto shared = std::make_shared<const Bytes>(std::move(request));
    connection_.send(net::share(net::encode_client(smr::Submit{shared})));
  }
  bool await_up() {
    return Cluster::await(seconds(20), [this] { return ups_ > 0; });
  }
  /// How often the connection came up.
  int ups() const { return ups_; }
  std::optional<smr::Rejected> rejection() {
    std::optional<smr::Rejected> found;
    Cluster::await(seconds(10), [&] {
      const std::lock_guard lock(mutex_);
      for (; !heard_.empty() && !found; heard_.pop_front()) {
        if (const auto* one = std::get_if<smr::Rejected>(&heard_.front())) found = *one;
      }
      return found.has_value();
    });
    return found;
  }

 private:
  void hear(net::Frame frame) {
    auto message = net::decode_replica(std::move(frame));
    const std::lock_guard lock(mutex_);
    if (message) heard_.push_back(std::move(*message));
  }

  net::EventLoop loop_;
  net::ClientConnection connection_;
  std::atomic<int> ups_{0};
  std::thread thread_;
  std::mutex mutex_;
  std::deque<smr::ReplicaMessage> heard_;
};

class Requests : public testing::Test {
 protected:
  /// One replica of four: it takes requests, and executes none.
  void begin(const std::string& mempool = "", bool open_clients = true) {
    cluster_.emplace(4, "", open_clients);
    std::string text = read_text(cluster_->config(0));
    text.insert(text.find("[mempool]") + 9, "\n" + mempool + "#");
    write_text(cluster_->config(0), text);
    cluster_->start(0);
    raw_.emplace(cluster_->client_address(0));
    ASSERT_TRUE(raw_->await_up());
  }
  Bytes request(std::uint64_t first, const std::vector<Bytes>& commands = {to_bytes("x")}) const {
    return make_request(cluster_->chain_id(), key_, first, commands);
  }
  double refused(Refusal reason) const {
    return metric(http_get(cluster_->ports().metrics(0), "/metrics"), "waggle_refused_total",
                  "reason=\"" + std::string(to_string(reason)) + "\"");
  }
  /// Requests that were sent together are verified by several threads, and come in any order.
  void await_waiting(double requests) const {
    ASSERT_TRUE(Cluster::await(seconds(5), [&] {
      const std::string page = http_get(cluster_->ports().metrics(0), "/metrics");
      return metric(page, "waggle_mempool_requests") == requests;
    }));
  }
  /// The replica rejects the request for this reason, naming it, and counts that.
  std::string expect_rejected(const Bytes& bytes, Refusal reason) {
    const double before = refused(reason);
    raw_->send(bytes);
    const auto answer = raw_->rejection();
    EXPECT_TRUE(answer) << "no answer: " << to_string(reason);
    if (!answer) return "";
    EXPECT_EQ(to_string(answer->reason), to_string(reason));
    EXPECT_EQ(answer->first, peek_request(bytes).first);
    EXPECT_EQ(answer->count, peek_request(bytes).count);
    EXPECT_TRUE(Cluster::await(seconds(5), [&] { return refused(reason) == before + 1; }));
    EXPECT_EQ(raw_->ups(), 1) << "the connection stays";
    return answer->detail;
  }

  std::optional<Cluster> cluster_;
  std::optional<RawClient> raw_;
  const crypto::Ed25519Signer key_{crypto::KeyPair::generate()};
};

TEST_F(Requests, UnsignedOrBadlySigned) {
  begin();
  Bytes bytes = request(1);
  std::fill(bytes.end() - Signature::kSize, bytes.end(), std::uint8_t{0});
  expect_rejected(bytes, Refusal::kBadSignature);
  bytes = request(1);
  bytes[kRequestHeadSize + 4] ^= 1;  // another command under the same signature
  expect_rejected(bytes, Refusal::kBadSignature);
  const std::vector<Bytes> commands = {to_bytes("x")};
  expect_rejected(make_request(Digest{}, key_, 1, commands), Refusal::kBadSignature);
  bytes = request(1);
  bytes.pop_back();
  expect_rejected(bytes, Refusal::kMalformed);
  expect_rejected(request(0), Refusal::kMalformed);
}

TEST_F(Requests, TooLargeIsAnsweredWithTheLimitAndTheSize) {
  begin();
  const Limits limits;  // what create_testnet writes
  const auto commands = [](std::size_t count, std::size_t size) {
    return std::vector<Bytes>(count, Bytes(size));
  };
  for (const std::size_t size : {std::size_t{limits.request_bytes_max}, std::size_t{9} << 20}) {
    const Bytes bytes = request(5, commands(1, size));
    EXPECT_EQ(
        expect_rejected(bytes, Refusal::kTooLarge),
        std::to_string(bytes.size()) +
            " bytes in a request, and limits.request_bytes_max of the genesis file is 262144");
  }
  EXPECT_EQ(expect_rejected(request(6, commands(1, 65'537)), Refusal::kTooLarge),
            "65537 bytes in a command, and limits.command_bytes_max of the genesis file is 65536");
  EXPECT_EQ(expect_rejected(request(7, commands(1025, 1)), Refusal::kTooLarge),
            "1025 commands in a request, and limits.commands_max of the genesis file is 1024");
}

TEST_F(Requests, NumbersTooFarAheadOrOld) {
  begin();
  expect_rejected(request(100'000), Refusal::kNumberTooFar);
  // What was executed long ago, in a whole cluster. The key is new to it: numbers 1 .. 600.
  for (std::uint32_t id = 1; id < 4; ++id) cluster_->start(id);
  for (std::uint64_t first = 1; first <= 600; first += 100) {
    const Bytes bytes = request(first, std::vector<Bytes>(100, to_bytes("x")));
    raw_->send(bytes);
    ASSERT_TRUE(Cluster::await(seconds(20), [&] {
      const auto status = cluster_->status(0);
      return status && status->commands_executed >= first + 99;
    }));
  }
  expect_rejected(request(1, std::vector<Bytes>(100, to_bytes("y"))), Refusal::kNumberOld);
  EXPECT_EQ(cluster_->status(0)->commands_executed, 600u) << "nothing is executed twice";
}

TEST_F(Requests, AboveTheClientsShareOrTheMempool) {
  begin("requests_max = 3\nclient_requests_max = 2\n");
  raw_->send(request(1));
  raw_->send(request(2));
  await_waiting(2);
  expect_rejected(request(3), Refusal::kClientShareFull);
  const crypto::Ed25519Signer other{crypto::KeyPair::generate()};
  const std::vector<Bytes> commands = {to_bytes("x")};
  raw_->send(make_request(cluster_->chain_id(), other, 1, commands));
  await_waiting(3);
  expect_rejected(make_request(cluster_->chain_id(), other, 2, commands), Refusal::kMempoolFull);
  const double before = refused(Refusal::kDuplicate);
  raw_->send(request(1));
  EXPECT_TRUE(Cluster::await(seconds(5), [&] { return refused(Refusal::kDuplicate) > before; }))
      << "what waits already";
}

TEST_F(Requests, OfAClientThatGenesisDoesNotList) {
  begin("", false);
  expect_rejected(request(1), Refusal::kClientNotAllowed);
}

}  // namespace
}  // namespace waggle::integration
