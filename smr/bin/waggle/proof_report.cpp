#include "smr/bin/waggle/proof_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "smr/app/kv_command.hpp"
#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

using certificate::BlockPlace;
using certificate::Inclusion;
using certificate::Proven;
using certificate::ProvenCommit;
using certificate::ProvenSeal;

/// Of a sealed proof; what its client's numbers reject is not a command of the sequence.
constexpr const char* kNotProvenBySeal = "the result of executing it";
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

std::string signers_of(const std::vector<ReplicaId>& signers) {
  std::string text;
  for (const ReplicaId signer : signers) text += fmt::format(" {}", signer.value);
  return text;
}

nlohmann::json to_json(const BlockPlace& place) {
  return {
      {"id", to_hex(place.id.view())}, {"height", place.height.value}, {"view", place.view.value}};
}

/// What both kinds of proof say.
template <class Kind>
nlohmann::json common_object(const Kind& proven) {
  nlohmann::json signers = nlohmann::json::array();
  for (const ReplicaId signer : proven.signers) signers.push_back(signer.value);
  return {{"valid", true},
          {"client", to_hex(proven.client.view())},
          {"number", proven.number},
          {"command", words_of(proven.command)},
          {"command_hex", to_hex(proven.command)},
          {"position", proven.position},
          {"signers", signers}};
}

nlohmann::json to_object(const ProvenCommit& proven) {
  nlohmann::json object = common_object(proven);
  const bool history = proven.inclusion == Inclusion::kHistory;
  object.update({{"kind", "commit"},
                 {"inclusion", history ? "history" : "payload"},
                 {"block", to_json(proven.block)},
                 {"committed", to_json(proven.committed)},
                 {"certified", to_json(proven.certified)},
                 {"not_proven", kNotProven}});
  return object;
}

nlohmann::json to_object(const ProvenSeal& proven) {
  nlohmann::json object = common_object(proven);
  object.update({{"kind", "sealed"},
                 {"window", proven.window},
                 {"sealed_length", proven.length},
                 {"not_proven", kNotProvenBySeal}});
  return object;
}

std::string told(const BlockPlace& place) {
  return fmt::format("{} (height {}, view {})", to_hex(place.id.view()), place.height.value,
                     place.view.value);
}

void row(const char* name, const std::string& text) { fmt::print("{:<11} {}\n", name, text); }

void print_place(const ProvenCommit& proven, std::uint32_t n) {
  const bool payload = proven.inclusion == Inclusion::kPayload;
  row(payload ? "lies in" : "lies below",
      fmt::format("block {}, as command {} of {}", told(proven.block), proven.position + 1,
                  payload ? "it" : "the chain"));
  row("committed", "with block " + told(proven.committed));
  row("certified", "in block " + told(proven.certified));
  row("signed by", fmt::format("replicas{} of {}", signers_of(proven.signers), n));
  row("not proven", kNotProven);
}

void print_place(const ProvenSeal& proven, std::uint32_t n) {
  row("lies in", fmt::format("the sealed sequence of {} entries, as entry {}", proven.length,
                             proven.position + 1));
  row("sealed", fmt::format("in window {}", proven.window));
  row("signed by", fmt::format("servers{} of {}", signers_of(proven.signers), n));
  row("not proven", kNotProvenBySeal);
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

void report_proven(const Cli& cli, const Proven& proven, std::uint32_t n, std::size_t proof_bytes) {
  const std::string rests_on(certificate::rests_on(proven));
  if (cli.json) {
    nlohmann::json object = std::visit([](const auto& kind) { return to_object(kind); }, proven);
    object.update({{"rests_on", rests_on}, {"proof_bytes", proof_bytes}});
    return print_json(object);
  }
  row("valid", "this command is committed on the chain of the genesis file");
  std::visit(
      [n](const auto& kind) {
        row("client", to_hex(kind.client.view()));
        row("number", std::to_string(kind.number));
        row("command", words_of(kind.command));
        print_place(kind, n);
      },
      proven);
  row("rests on", rests_on);
}

}  // namespace waggle::cli
