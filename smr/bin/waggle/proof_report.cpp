#include "smr/bin/waggle/proof_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "smr/app/kv_command.hpp"
#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

using certificate::BlockPlace;
using certificate::Inclusion;
using certificate::ProvenCommit;

constexpr const char* kNotProven =
    "the result of executing it; and if its client signed another command under the same number, "
    "which of the two was executed: the first on the chain";

/// The words with which `waggle` would be asked to do the same.
struct KvWords {
  std::string operator()(const app::KvGet& c) const { return "get " + shown(c.key); }
  std::string operator()(const app::KvPut& c) const {
    return "put " + shown(c.key) + " " + shown(c.value);
  }
  std::string operator()(const app::KvDelete& c) const { return "delete " + shown(c.key); }
  std::string operator()(const app::KvCas& c) const {
    const std::string expected = c.expected ? "--expect " + shown(*c.expected) : "--absent";
    return "cas " + shown(c.key) + " " + shown(c.value) + " " + expected;
  }
  std::string operator()(const app::KvIncrement& c) const {
    return fmt::format("incr {} --by {}", shown(c.key), c.delta);
  }
  std::string operator()(const app::KvScan& c) const {
    const std::string after = c.start_after ? " --after " + shown(*c.start_after) : "";
    return fmt::format("scan {}{} --limit {}", shown(c.prefix), after, c.limit);
  }
};

std::string words_of(ByteView command) {
  if (command.empty()) return "an empty command, which does nothing";
  const auto kv = app::decode_kv_command(command);
  if (kv) return std::visit(KvWords{}, *kv);
  return fmt::format("{} bytes, no command of the key-value store: {}", command.size(),
                     to_hex(command));
}

std::string signers_of(const ProvenCommit& proven) {
  std::string text;
  for (const ReplicaId signer : proven.signers) text += fmt::format(" {}", signer.value);
  return text;
}

nlohmann::json to_json(const BlockPlace& place) {
  return {
      {"id", to_hex(place.id.view())}, {"height", place.height.value}, {"view", place.view.value}};
}

void print_object(const ProvenCommit& proven, std::size_t proof_bytes) {
  nlohmann::json signers = nlohmann::json::array();
  for (const ReplicaId signer : proven.signers) signers.push_back(signer.value);
  const bool history = proven.inclusion == Inclusion::kHistory;
  print_json({{"valid", true},
              {"client", to_hex(proven.client.view())},
              {"number", proven.number},
              {"command", words_of(proven.command)},
              {"command_hex", to_hex(proven.command)},
              {"inclusion", history ? "history" : "payload"},
              {"block", to_json(proven.block)},
              {"position", proven.position},
              {"committed", to_json(proven.committed)},
              {"certified", to_json(proven.certified)},
              {"signers", signers},
              {"not_proven", kNotProven},
              {"proof_bytes", proof_bytes}});
}

std::string told(const BlockPlace& place) {
  return fmt::format("{} (height {}, view {})", to_hex(place.id.view()), place.height.value,
                     place.view.value);
}

}  // namespace

ProofFile::ProofFile(std::filesystem::path path) : path_(std::move(path)), draft_(path_) {
  draft_ += ".new";
  file_.open(draft_, std::ios::binary | std::ios::trunc);
  if (!file_) throw Failure(kBadInput, path_.string() + ": cannot be written");
}

ProofFile::~ProofFile() {
  std::error_code ignored;
  if (!draft_.empty()) std::filesystem::remove(draft_, ignored);
}

void ProofFile::write(ByteView proof) {
  file_ << as_text(proof);
  file_.close();
  std::error_code error;
  if (file_) std::filesystem::rename(draft_, path_, error);
  if (!file_ || error) {
    throw Failure(kNoProof, path_.string() + ": the proof cannot be written");
  }
  draft_.clear();
}

void report_proven(const Cli& cli, const ProvenCommit& proven, std::uint32_t n,
                   std::size_t proof_bytes) {
  if (cli.json) return print_object(proven, proof_bytes);
  const auto row = [](const char* name, const std::string& text) {
    fmt::print("{:<11} {}\n", name, text);
  };
  row("valid", "this command is committed on the chain of the genesis file");
  row("client", to_hex(proven.client.view()));
  row("number", std::to_string(proven.number));
  row("command", words_of(proven.command));
  if (proven.inclusion == Inclusion::kPayload) {
    row("lies in",
        fmt::format("block {}, as command {} of it", told(proven.block), proven.position + 1));
  } else {
    row("lies below", fmt::format("block {}, as command {} of the chain", told(proven.block),
                                  proven.position + 1));
  }
  row("committed", "with block " + told(proven.committed));
  row("certified", "in block " + told(proven.certified));
  row("signed by", fmt::format("replicas{} of {}", signers_of(proven), n));
  row("not proven", kNotProven);
}

}  // namespace waggle::cli
