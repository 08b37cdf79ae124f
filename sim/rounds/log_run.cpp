#include "sim/rounds/log_run.hpp"

#include "consensus/core/ensure.hpp"
#include "sim/rounds/planted.hpp"

namespace waggle::sim::rounds {
namespace {

std::string_view name_of(LogRule rule) {
  switch (rule) {
    case LogRule::kExtended: return "extended";
    case LogRule::kCompact: return "compact";
    case LogRule::kRecovery: return "recovery";
    case LogRule::kSealed: return "sealed";
  }
  return "";
}

/// Options as the command line writes them; what has its default is left out.
class Words {
 public:
  explicit Words(std::string text) : text_(std::move(text)) {}
  void option(std::string_view name, std::uint64_t value, std::uint64_t usual) {
    if (value != usual) word(name, std::to_string(value));
  }
  void word(std::string_view name, std::string_view value) {
    text_ += " --" + std::string(name) + " " + std::string(value);
  }
  void flag(std::string_view name, bool on) {
    if (on) text_ += " --" + std::string(name);
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

LogOutcome run(const LogRun& run) {
  auto blocker = make_blocker(run.block);
  ENSURE(blocker, "an adversary that does not exist");
  LogOptions options = run.options;
  for (const std::string& name : run.without) {
    const PlantedRule* rule = find_planted_rule(name);
    ENSURE(rule != nullptr, "a rule that does not exist");
    rule->plant(options);
  }
  LogWorld world(options, std::move(*blocker));
  LogOutcome outcome;
  // A conflict is what a server itself reports; what the checkers find first says more.
  const auto found = [&outcome] {
    return outcome.complaint && outcome.complaint->property != "conflict";
  };
  while (world.rounds() < run.rounds && !found()) {
    world.round();
    outcome.blocked += world.blocked();
    if (run.judged) outcome.complaint = world.complaint();
  }
  outcome.rounds = world.rounds();
  outcome.restarts = world.restarts();
  outcome.submitted = world.clients().submitted();
  outcome.acknowledged = world.clients().acknowledged();
  outcome.committed = world.agreement().length();
  outcome.latency_p99 = world.clients().latency(990);
  if (world.audit() != nullptr) outcome.certificates = world.audit()->certificates().shown();
  return outcome;
}

std::string command_of(const LogRun& run) {
  const LogOptions& options = run.options;
  const median::Parameters& p = options.parameters;
  const median::Parameters usual;
  Words words("waggle-sim rounds --rule " + std::string(name_of(options.rule)));
  words.word("n", std::to_string(p.n));
  words.option("k", p.k, usual.k);
  words.option("l", p.l, usual.l);
  words.option("t", p.T, usual.T);
  words.option("b", p.B, usual.B);
  if (p.sigma.denominator != 1) {
    words.word("sigma",
               std::to_string(p.sigma.numerator) + "/" + std::to_string(p.sigma.denominator));
  } else {
    words.option("sigma", p.sigma.numerator, 1);
  }
  words.option("rounds", run.rounds, LogRun{}.rounds);
  words.option("load", options.load, LogOptions{}.load);
  words.option("load-until", options.load_until, UINT64_MAX);
  words.option("doubling", options.doubling.ppm / 10'000, 0);
  words.option("calm", options.calm, 0);
  words.option("bound", options.bound, UINT64_MAX);
  words.flag("no-audit", !options.audit);
  words.flag("execute-once", options.choices.execute_once);
  words.flag("skip-boundary", options.choices.skip_boundary);
  words.flag("empty-prefix", options.choices.initial_prefix_empty);
  words.flag("increment-windows", !options.choices.window_by_round);
  words.flag("command-order", options.choices.order == median::Choices::Order::kCommandOnly);
  if (run.block != "none") words.word("block", run.block);
  for (const std::string& name : run.without) words.word("without", name);
  words.option("seed", options.seed, 1);
  return words.text();
}

}  // namespace waggle::sim::rounds
