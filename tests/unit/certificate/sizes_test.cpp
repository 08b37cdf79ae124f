// The table of sizes in docs/proofs.md.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/crypto/symbolic.hpp"
#include "tests/unit/certificate/proof_chain.hpp"

namespace waggle::testing {
namespace {

constexpr std::size_t kCommandSize = 128;
constexpr std::uint32_t kClusters[] = {4, 31, 100};

/// An encoded proof from a block of so many commands, of which the first is proven.
std::size_t size_in_block(std::uint32_t n, std::size_t commands) {
  ProofChain proofs(n, sim::Signatures::kSymbolic);
  std::vector<std::string> some(std::min<std::size_t>(commands, 250),
                                std::string(kCommandSize, 'x'));
  std::vector<Bytes> requests;
  for (std::uint64_t made = 0; made < commands; made += some.size()) {
    some.resize(std::min(some.size(), commands - made));
    requests.push_back(proofs.request(0, made + 1, some));
  }
  const BlockPtr b1 = proofs.fast(proofs.chain.genesis, requests);
  const BlockPtr b2 = proofs.fast(b1);
  proofs.commit(b1);
  proofs.hold(b1);
  proofs.hold(b2, proofs.qc(b2));
  return certificate::encode(proofs.prove(0, 1)).size();
}

/// By a path in a history: what differs is the path, here that of the first command.
std::size_t size_by_history(std::uint32_t n, std::uint64_t history) {
  return size_in_block(n, 1) - certificate::forest_path_size(1, 0) +
         certificate::forest_path_size(history, 0);
}

std::string row(const std::string& name, const std::function<std::size_t(std::uint32_t n)>& size) {
  std::string text = "| " + name + " |";
  for (const std::uint32_t n : kClusters) text += fmt::format(" {} |", size(n));
  return text + "\n";
}

std::string table() {
  std::string text = "| proof, bytes | n = 4 | n = 31 | n = 100 |\n|---|---|---|---|\n";
  for (const std::size_t commands : {1U, 64U, 1000U}) {
    text += row(fmt::format("in a block of {} command{}", commands, commands == 1 ? "" : "s"),
                [commands](std::uint32_t n) { return size_in_block(n, commands); });
  }
  std::uint64_t history = 1000;
  for (int power = 3; power <= 7; ++power, history *= 10) {
    text += row(fmt::format("in a history of 10^{}", power),
                [history](std::uint32_t n) { return size_by_history(n, history); });
  }
  return text;
}

TEST(ProofSizes, AreThoseOfTheDocumentation) {
  std::ifstream file(WAGGLE_SOURCE_DIR "/docs/proofs.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(document.find(table()), std::string::npos) << "docs/proofs.md should have this table:\n"
                                                       << table();
}

/// What the table computes, done: a proof by history has the size that it says.
TEST(ProofSizes, AHistoryPathIsAsLongAsItsForestSays) {
  for (const std::size_t count : {1U, 1000U, 4095U, 100'000U}) {
    const sim::SymbolicHasher hasher;
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < count; ++i) {
      leaves.push_back(hasher.hash({Writer().u64(i).bytes()}));
    }
    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{count / 2}}) {
      Writer writer;
      const auto path = certificate::make_forest_path(leaves, index, hasher);
      certificate::encode(writer, path);
      EXPECT_EQ(writer.size(), certificate::forest_path_size(count, index));
      Forest forest;
      forest.append(leaves, hasher);
      EXPECT_EQ(certificate::root_of(path, leaves[index], hasher), forest.root(hasher));
    }
  }
}

}  // namespace
}  // namespace waggle::testing
