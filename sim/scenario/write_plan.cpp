#include <fmt/format.h>

#include "sim/base/overloaded.hpp"
#include "sim/scenario/toml_writer.hpp"
#include "sim/scenario/writing.hpp"

namespace waggle::sim {
namespace {

std::string text_of(const PlannedTip& tip) {
  if (!tip.claim) return tip.block;
  return fmt::format("{} ({}, {})", tip.block, tip.claim->view.value, tip.claim->qc_view.value);
}

/// The entries of one inline table.
class StepText {
 public:
  void number(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
  void text(std::string_view key, std::string_view value) {
    raw(key, fmt::format("\"{}\"", value));
  }
  void replicas(std::string_view key, const std::vector<std::uint32_t>& ids) {
    if (!ids.empty()) raw(key, fmt::format("[{}]", fmt::join(ids, ", ")));
  }
  void qc(std::string_view key, const PlannedQc& qc) {
    text(key, qc.block);
    if (qc.claim) number("qc_view", qc.claim->value);
    replicas("signers", qc.signers);
  }
  void tc(const std::vector<PlannedTimeout>& timeouts) {
    std::string list;
    for (const PlannedTimeout& one : timeouts) {
      const std::string tip = one.tip ? ": " + text_of(*one.tip) : "";
      list += fmt::format("{}\"{}{}\"", list.empty() ? "" : ", ", one.replica, tip);
    }
    if (!timeouts.empty()) raw("tc", "[" + list + "]");
  }
  std::string take() { return "  { " + text_ + " },\n"; }

 private:
  void raw(std::string_view key, std::string_view value) {
    text_ += fmt::format("{}{} = {}", text_.empty() ? "" : ", ", key, value);
  }
  std::string text_;
};

std::string text_of(const PlanStep& step) {
  StepText out;
  std::visit(Overloaded{
                 [&](const BlockStep& block) {
                   out.text("send", "block");
                   out.text("name", block.name);
                   out.number("view", block.view.value);
                   out.text("parent", block.parent);
                   out.qc("qc", block.qc);
                   out.tc(block.tc);
                   if (block.payload > 0) out.number("payload", block.payload);
                 },
                 [&](const QcStep& qc) {
                   out.text("send", "qc");
                   out.qc("block", qc.qc);
                 },
                 [&](const TcStep& tc) {
                   out.text("send", "tc");
                   out.number("view", tc.view.value);
                   out.tc(tc.tc);
                 },
                 [&](const TimeoutStep& timeout) {
                   out.text("send", "timeout");
                   out.number("view", timeout.view.value);
                   out.text("tip", text_of(timeout.tip));
                 },
                 [&](const VoteStep& vote) {
                   out.text("send", "vote");
                   out.text("block", vote.block);
                 },
             },
             step.what);
  out.replicas("to", step.to);
  if (step.delay > Duration{0}) out.text("delay", to_text(step.delay));
  return out.take();
}

}  // namespace

void write_plan(TomlWriter& out, const Plan& plan) {
  if (plan.empty()) return;
  std::string steps;
  for (const PlanStep& step : plan) steps += text_of(step);
  out.raw("plan", "[\n" + steps + "]");
}

}  // namespace waggle::sim
