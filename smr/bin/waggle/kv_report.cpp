#include "smr/bin/waggle/kv_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

using app::KvResult;
using app::KvStatus;

/// A line of name=value pairs behind a verdict, and the same as an object.
class Report {
 public:
  explicit Report(std::string verdict) : line_(std::move(verdict)) { json_["outcome"] = line_; }

  void bytes(const std::string& name, ByteView value) {
    line_ += fmt::format(" {}={}", name, shown(value));
    set_bytes(json_, name, value);
  }
  void number(const std::string& name, std::uint64_t value) {
    line_ += fmt::format(" {}={}", name, value);
    json_[name] = value;
  }
  void text(const std::string& name, const std::string& value) {
    line_ += fmt::format(" {}={}", name, value);
    json_[name] = value;
  }
  void pad() { line_ += " "; }
  void note(const std::string& words) { line_ += fmt::format(" ({})", words); }
  nlohmann::json& json() { return json_; }
  void print(bool as_json) const {
    if (as_json)
      print_json(json_);
    else
      fmt::print("{}\n", line_);
  }

 private:
  std::string line_;
  nlohmann::json json_;
};

/// The key, or the prefix of a scan.
void add_key(Report& report, const app::KvCommand& command) {
  report.pad();
  if (const auto* scan = std::get_if<app::KvScan>(&command)) {
    report.bytes("prefix", scan->prefix);
    return;
  }
  std::visit(
      [&](const auto& kind) {
        if constexpr (requires { kind.key; }) report.bytes("key", kind.key);
      },
      command);
}

void add_result(Report& report, const app::KvCommand& command, const KvResult& result) {
  const bool mismatch = result.status == KvStatus::kMismatch;
  if (result.value)
    report.bytes(mismatch ? "holds" : "value", *result.value);
  else if (mismatch)
    report.note("there is no such key");
  if (!std::holds_alternative<app::KvScan>(command)) return;
  report.number("pairs", result.entries.size());
  report.json()["more"] = result.more;
  auto& entries = report.json()["entries"] = nlohmann::json::array();
  for (const app::KvPair& pair : result.entries) {
    nlohmann::json entry;
    set_bytes(entry, "key", pair.key);
    set_bytes(entry, "value", pair.value);
    entries.push_back(std::move(entry));
  }
}

void print_entries(const Cli& cli, const KvResult& result) {
  if (cli.json) return;
  for (const app::KvPair& pair : result.entries) {
    fmt::print("{}={}\n", shown(pair.key), shown(pair.value));
  }
}

KvResult decoded(ByteView bytes) {
  auto result = app::decode_kv_result(bytes);
  if (!result) throw Failure(kBadInput, "the cluster runs another application than this program");
  return std::move(*result);
}

ExitCode code_of(const KvResult& result) { return result.status == KvStatus::kOk ? kOk : kRefused; }

void add_saved(Report& report, const Saved& saved) {
  const std::string what = saved.what;
  if (saved.error.empty()) {
    report.text(what, saved.file.string());
    report.json()[what + "_bytes"] = saved.bytes;
  } else {
    report.note("no " + what + ": " + saved.error);
    report.json()[what + "_error"] = saved.error;
  }
}

ExitCode report_committed(const Cli& cli, const app::KvCommand& command,
                          const client::Committed& committed, std::chrono::microseconds took,
                          std::span<const Saved> saved) {
  const KvResult result = decoded(committed.result);
  print_entries(cli, result);
  Report report{std::string(to_string(result.status))};
  add_key(report, command);
  add_result(report, command, result);
  // Of the median rule: the window of the seal, and the entry's place from 0 on.
  report.number(committed.certificate ? "window" : "view", committed.view.value);
  if (committed.certificate)
    report.number("position", committed.certificate->position);
  else
    report.number("height", committed.height.value);
  report.note(fmt::format("{} {}, {}", committed.replies,
                          committed.replies == 1 ? "reply" : "replies", shown(took)));
  for (const Saved& one : saved) add_saved(report, one);
  report.json()["block"] = to_hex(committed.block.view());
  report.json()["number"] = committed.number;
  report.json()["replies"] = committed.replies;
  report.json()["micros"] = took.count();
  report.print(cli.json);
  return code_of(result);
}

}  // namespace

ExitCode exit_code_of(const client::Outcome& outcome) {
  if (std::holds_alternative<client::Unknown>(outcome)) return kUnknown;
  const auto* committed = std::get_if<client::Committed>(&outcome);
  return committed == nullptr ? kRefused : code_of(decoded(committed->result));
}

ExitCode report(const Cli& cli, const app::KvCommand& command, const client::Outcome& outcome,
                std::chrono::microseconds took, std::span<const Saved> saved) {
  if (const auto* committed = std::get_if<client::Committed>(&outcome)) {
    const ExitCode code = report_committed(cli, command, *committed, took, saved);
    const bool missing = std::any_of(saved.begin(), saved.end(),
                                     [](const Saved& one) { return !one.error.empty(); });
    return missing && code == kOk ? kNoProof : code;
  }
  if (const auto* rejected = std::get_if<client::Rejected>(&outcome)) {
    Report report("rejected");
    add_key(report, command);
    report.text("reason", std::string(to_string(rejected->reason)));
    if (!rejected->detail.empty()) {
      report.note(rejected->detail);
      report.json()["detail"] = rejected->detail;
    }
    report.print(cli.json);
  } else if (const auto* not_sent = std::get_if<client::NotSent>(&outcome)) {
    Report report("not_sent");
    add_key(report, command);
    report.note(not_sent->why);
    report.json()["reason"] = not_sent->why;
    report.print(cli.json);
  } else {
    const auto& unknown = std::get<client::Unknown>(outcome);
    Report report("unknown");
    add_key(report, command);
    report.number("number", unknown.number);
    if (unknown.reason) report.text("reason", std::string(to_string(*unknown.reason)));
    report.note(fmt::format("no outcome after {}; it may still be executed, once", shown(took)));
    report.print(cli.json);
  }
  return exit_code_of(outcome);
}

ExitCode report_local(const Cli& cli, const app::KvCommand& query,
                      const smr::LocalReadResult& answer, ReplicaId replica,
                      std::chrono::microseconds took) {
  const KvResult result = decoded(answer.result);
  print_entries(cli, result);
  Report report{std::string(to_string(result.status))};
  add_key(report, query);
  add_result(report, query, result);
  report.number("replica", replica.value);
  report.number("height", answer.height.value);
  report.note(fmt::format("local read, may be stale, {}", shown(took)));
  report.json()["local"] = true;
  report.json()["micros"] = took.count();
  report.print(cli.json);
  return code_of(result);
}

}  // namespace waggle::cli
