// The plan of a puppet: docs/simulator.md has its syntax.
#include <algorithm>
#include <charconv>

#include "sim/scenario/entries.hpp"
#include "sim/scenario/loading.hpp"

namespace waggle::sim {
namespace {

using config::Section;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end.ec == std::errc() && end.ptr == text.data() + text.size();
  return whole ? std::optional<T>(value) : std::nullopt;
}

/// "R" or "R (3, 99)".
std::optional<PlannedTip> parse_tip(std::string_view text) {
  PlannedTip tip;
  const std::size_t open = text.find('(');
  tip.block = std::string(trim(text.substr(0, open)));
  if (tip.block.empty()) return std::nullopt;
  if (open == std::string_view::npos) return tip;
  const std::string_view rank = trim(text.substr(open));
  const std::size_t comma = rank.find(',');
  if (comma == std::string_view::npos || rank.back() != ')') return std::nullopt;
  const auto view = parse_number<std::uint64_t>(trim(rank.substr(1, comma - 1)));
  const auto qc_view =
      parse_number<std::uint64_t>(trim(rank.substr(comma + 1, rank.size() - comma - 2)));
  if (!view || !qc_view) return std::nullopt;
  tip.claim = Rank{View{*view}, View{*qc_view}};
  return tip;
}

/// "1" or "3: R (3, 99)".
std::optional<PlannedTimeout> parse_timeout(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto replica = parse_number<std::uint32_t>(trim(text.substr(0, colon)));
  if (!replica) return std::nullopt;
  PlannedTimeout timeout{*replica, std::nullopt};
  if (colon == std::string_view::npos) return timeout;
  timeout.tip = parse_tip(trim(text.substr(colon + 1)));
  if (!timeout.tip) return std::nullopt;
  return timeout;
}

/// Reads the keys of one step. What is wrong goes to the section's diagnosis.
class StepReader {
 public:
  StepReader(const Section& section, std::uint32_t n, const std::vector<std::string>& made)
      : section_(section), fields_(section), n_(n), made_(made) {}

  View view() const { return View{section_.integer<std::uint64_t>("view", {1})}; }

  /// A block that is there already.
  std::string block(std::string_view key) const {
    const std::string name = section_.text(key);
    check_name(key, name);
    return name;
  }

  PlannedQc qc(std::string_view key) const {
    PlannedQc qc{block(key), fields_.replicas("signers", n_), std::nullopt};
    if (fields_.has("qc_view")) {
      qc.claim = View{section_.integer<std::uint64_t>("qc_view", {1})};
    }
    return qc;
  }

  PlannedTip tip() const {
    const std::string text = section_.text("tip");
    const auto tip = parse_tip(text);
    if (!tip) {
      section_.fail("tip", "\"" + text + "\" is no tip such as \"R\" or \"R (3, 99)\"");
      return {};
    }
    check_tip("tip", *tip);
    return *tip;
  }

  std::vector<PlannedTimeout> tc() const {
    std::vector<PlannedTimeout> timeouts;
    const config::Value* listed = section_.find("tc");
    if (listed == nullptr) return timeouts;
    for (const std::string& text : texts_of(section_, "tc", *listed)) {
      const auto timeout = parse_timeout(text);
      if (!timeout || timeout->replica >= n_) {
        section_.fail("tc", "\"" + text + "\" is no timeout such as \"1\" or \"3: R (3, 99)\"");
        return timeouts;
      }
      if (timeout->tip) check_tip("tc", *timeout->tip);
      timeouts.push_back(*timeout);
    }
    return timeouts;
  }

  const Section& section() const noexcept { return section_; }
  const Fields& fields() const noexcept { return fields_; }

 private:
  void check_tip(std::string_view key, const PlannedTip& tip) const {
    if (tip.block != kInventedName) return check_name(key, tip.block);
    if (!tip.claim) section_.fail(key, "an invented block needs a rank, \"invented (3, 0)\"");
  }

  void check_name(std::string_view key, const std::string& name) const {
    if (heard_view(name)) return;
    std::vector<std::string_view> known(made_.begin(), made_.end());
    known.push_back(kGenesisName);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    section_.fail(key, unknown(name, known));
  }

  const Section& section_;
  const Fields fields_;
  const std::uint32_t n_;
  const std::vector<std::string>& made_;
};

using What = decltype(PlanStep::what);

What load_block(const StepReader& reader) {
  BlockStep step;
  step.name = reader.section().text("name");
  step.view = reader.view();
  step.parent = reader.block("parent");
  step.qc = reader.qc("qc");
  step.tc = reader.tc();
  step.payload = reader.fields().count<std::uint32_t>("payload", {0, 100}, 0);
  return step;
}
What load_qc(const StepReader& reader) { return QcStep{reader.qc("block")}; }
What load_tc(const StepReader& reader) {
  if (!reader.fields().has("tc")) reader.section().fail("tc", "missing");
  return TcStep{reader.view(), reader.tc()};
}
What load_timeout(const StepReader& reader) { return TimeoutStep{reader.view(), reader.tip()}; }
What load_vote(const StepReader& reader) { return VoteStep{reader.block("block")}; }

struct StepKind {
  std::string_view name;
  std::vector<std::string_view> keys;
  What (*load)(const StepReader& reader);
};

const std::vector<StepKind>& step_kinds() {
  static const std::vector<StepKind> kinds = {
      {"block",
       {"name", "view", "parent", "qc", "qc_view", "signers", "tc", "payload"},
       load_block},
      {"qc", {"block", "qc_view", "signers"}, load_qc},
      {"tc", {"view", "tc"}, load_tc},
      {"timeout", {"view", "tip"}, load_timeout},
      {"vote", {"block"}, load_vote},
  };
  return kinds;
}

const std::vector<std::string_view>& keys_of(const StepKind& kind) { return kind.keys; }

/// A block's name that later steps can use.
void add_name(const Section& section, const std::string& name, std::vector<std::string>& made) {
  const bool reserved = name == kGenesisName || name == kInventedName || name.starts_with('@');
  const bool taken = std::find(made.begin(), made.end(), name) != made.end();
  if (name.empty() || reserved || taken || name.find_first_of("(:,") != std::string::npos) {
    section.fail("name", "\"" + name + "\" " + (taken ? "is taken" : "is no name for a block"));
  }
  made.push_back(name);
}

}  // namespace

Plan load_plan(const Section& adversary, const std::string& name, std::uint32_t n,
               config::Diagnosis& diagnosis) {
  Plan plan;
  std::vector<std::string> made;
  for_each_entry(adversary, name + ".", "plan", "send", step_kinds(), {"to", "delay"}, diagnosis,
                 [&](const StepKind& kind, const Section& section, const std::string&) {
                   const StepReader reader(section, n, made);
                   PlanStep step;
                   step.to = reader.fields().replicas("to", n);
                   step.delay = reader.fields().duration("delay", Duration{0});
                   step.what = kind.load(reader);
                   if (const auto* block = std::get_if<BlockStep>(&step.what)) {
                     add_name(section, block->name, made);
                   }
                   plan.push_back(std::move(step));
                 });
  return plan;
}

}  // namespace waggle::sim
