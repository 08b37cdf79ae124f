// The table of docs/proofs.md: what certificates cost at up to a million commands.
#include <ctime>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "consensus/core/request.hpp"
#include "crypto/sha256.hpp"
#include "sim/base/random.hpp"
#include "tests/unit/certificate/chain_world.hpp"

namespace waggle::testing {
namespace {

using certificate::Certificate;
using certificate::ClientChains;
using certificate::ServerChains;

const crypto::Sha256Hasher kHasher;
constexpr std::size_t kClients = 1000;
constexpr std::size_t kWatched = 4;  ///< Clients of which we see both sides.
constexpr std::size_t kLinkSize = Digest::kSize;
/// Position, count of links.
constexpr std::size_t kFixedSize = sizeof(std::uint64_t) + sizeof(std::uint32_t);

/// A thousand clients whose commands come in random order.
class LongRun {
 public:
  LongRun() {
    for (std::size_t i = 0; i < kWatched; ++i) watched_.emplace_back(ChainWorld::id(i));
  }

  void extend(std::uint64_t count) {
    while (server_.count() < count) step(random_.below(kClients));
  }

  std::string row() const {
    Writer writer;
    server_.encode(writer);
    std::size_t commands = 0;
    for (const ClientChains& client : watched_) commands += client.commands();
    return fmt::format("| {} | {} | {} | {} |\n", server_.count(), largest(),
                       writer.size() / server_.clients(), stored_ / commands);
  }

  /// Bytes of position and chain in the largest certificate.
  std::size_t largest() const {
    std::size_t links = 0;
    for (const Certificate& one : certificates()) links = std::max(links, one.links.size());
    return kFixedSize + links * kLinkSize;
  }

  std::vector<Certificate> certificates() const {
    std::vector<Certificate> all;
    for (std::size_t i = 0; i < kWatched; ++i) {
      for (std::uint64_t number = 1; number <= watched_[i].commands(); ++number) {
        all.push_back(*watched_[i].certificate(number, ChainWorld::command(i, number)));
      }
    }
    return all;
  }

  const ServerChains& server() const { return server_; }

 private:
  void step(std::size_t client) {
    const ClientId id = ChainWorld::id(client);
    const std::uint64_t number = server_.number(id) + 1;
    const Digest leaf = command_leaf(id, number, ChainWorld::command(client, number), kHasher);
    ASSERT_TRUE(server_.append(id, number, leaf, kHasher));
    if (client >= kWatched) return;
    const auto record = watched_[client].acknowledge(*server_.acknowledgement(id), leaf, kHasher);
    ASSERT_TRUE(record);
    stored_ += record->size();
  }

  sim::Random random_{1};
  ServerChains server_;
  std::vector<ClientChains> watched_;
  std::size_t stored_ = 0;
};

/// Microseconds of this process per verification, over all certificates; the best of some passes.
double verification_time(const LongRun& run) {
  const std::vector<Certificate> all = run.certificates();
  double best = 1e9;
  for (int pass = 0; pass < 5; ++pass) {
    const std::clock_t start = std::clock();
    for (const Certificate& one : all) EXPECT_TRUE(run.server().verify(one, kHasher));
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::min(best, 1e6 * seconds / static_cast<double>(all.size()));
  }
  return best;
}

TEST(ChainsCost, IsThatOfTheDocumentation) {
  LongRun run;
  std::string table =
      "| committed commands | position and chain at most | server per client | client stores per "
      "command |\n|---|---|---|---|\n";
  for (const std::uint64_t count : {10'000U, 100'000U, 1'000'000U}) {
    run.extend(count);
    table += run.row();
  }
  std::ifstream file(WAGGLE_SOURCE_DIR "/docs/proofs.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(document.find(table), std::string::npos) << "docs/proofs.md should have this table:\n"
                                                     << table;
  EXPECT_LE(run.largest(), 640U);
  const double microseconds = verification_time(run);
  fmt::print("verification: {:.1f} us\n", microseconds);
#ifdef NDEBUG  // an optimised build
  EXPECT_LE(microseconds, 25.0);
#endif
}

}  // namespace
}  // namespace waggle::testing
