// How adversaries are written.
#include "sim/rounds/blockers.hpp"

#include <algorithm>
#include <charconv>

#include "sim/rounds/blocker_kinds.hpp"

namespace waggle::sim::rounds {
namespace {

class Several final : public Blocker {
 public:
  explicit Several(std::vector<Made> parts) : parts_(std::move(parts)) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    for (const auto& part : parts_) part->block(sight, random, out);
  }

 private:
  std::vector<Made> parts_;
};

class During final : public Blocker {
 public:
  During(Span span, Made part) : span_(span), part_(std::move(part)) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (span_.contains(sight.round)) part_->block(sight, random, out);
  }

 private:
  Span span_;
  Made part_;
};

constexpr Strategy kStrategies[] = {
    {"none", "", "nobody"},
    {"fresh", ":SHARE", "that share of servers, drawn anew in each round"},
    {"permanent", ":SHARE", "that share, drawn once"},
    {"flapping", ":SHARE[+ROUNDS]",
     "that share at any time, each for eight rounds on average, or as many as given"},
    {"server", ":SERVER", "the one with that number, from 0 on"},
    {"surge", ":FROM+ROUNDS[/EVERY]", "everybody, for that many rounds"},
    {"partition", ":SHARE", "nobody, but that share does not hear the others, nor they it"},
    {"lossy", ":SHARE",
     "nobody, but of all ways from one server to another that share is cut, anew in each round"},
    {"pause", ":SHARE+ROUNDS",
     "in each round that share of those that are up falls asleep, and does nothing for so long"},
    {"crash", ":SHARE+ROUNDS", "the same, and when it is back it restarts"},
    {"restart", ":SHARE", "nobody, but before each round that share restarts"},
    {"loss", ":SHARE",
     "nobody, but in that share of rounds a server loses all its memory, 100 rounds apart"},
    {"acted", ":SHARE", "those who answered most requests in the round before"},
    {"ahead", ":SHARE", "those who have committed most"},
    {"newest", ":SHARE", "those with the newest checkpoint, or newest seal"},
    {"outliers", ":SHARE", "those whose logs differ most from the log of the majority"},
    {"client", ":SHARE",
     "those whom a client's command went to in the round before, and who have it in their log"},
    {"balance", "", "the surplus of the most frequent value, so that two stay in balance"},
    {"tie", ":SHARE",
     "at the first place of logs where that share is enough, the surplus of the most frequent "
     "entry"},
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// "10%" or "0.5%".
std::optional<Share> share(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  const std::size_t dot = text.find('.');
  const auto whole = number(text.substr(0, dot));
  std::uint64_t fraction = 0;
  if (dot != std::string_view::npos) {
    const auto digits = number(text.substr(dot + 1));
    if (!digits || text.size() - dot != 2) return std::nullopt;
    fraction = *digits;
  }
  if (!whole || *whole > 100 || *whole * 10 + fraction > 1000) return std::nullopt;
  return permille(*whole * 10 + fraction);
}

/// What stands in front of the character and behind it; nothing behind if it does not occur.
struct Halves {
  std::string_view front;
  std::optional<std::string_view> back;
};
Halves split(std::string_view text, char at) {
  const std::size_t found = text.find(at);
  if (found == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, found), text.substr(found + 1)};
}

/// "40+25": 25 rounds from round 40 on. "40+25/100": and again 100 rounds later, and so on.
std::optional<Span> span(std::string_view text) {
  const Halves once = split(text, '/');
  const Halves ends = split(once.front, '+');
  const auto from = number(ends.front);
  const auto rounds = number(ends.back.value_or(""));
  const auto every = once.back ? number(*once.back) : 0;
  if (!from || !rounds || !every || (once.back && *every == 0)) return std::nullopt;
  return Span{*from, *rounds, *every};
}

Made with_share(std::string_view name, Share share) {
  if (name == "fresh") return make_fresh(share);
  if (name == "permanent") return make_permanent(share);
  if (name == "partition") return make_partition(share);
  if (name == "lossy") return make_lossy(share);
  if (name == "restart") return make_restart(share);
  if (name == "loss") return make_loss(share);
  if (name == "acted") return make_acted(share);
  if (name == "ahead") return make_ahead(share);
  if (name == "newest") return make_newest(share);
  if (name == "outliers") return make_outliers(share);
  if (name == "client") return make_client(share);
  return make_tie(share);
}

/// The strategy with these arguments, or nothing if they are written in another way.
Made with_arguments(const Strategy& strategy, std::string_view text) {
  constexpr Round kSpell = 8;
  const std::string_view name = strategy.name;
  if (strategy.arguments == ":FROM+ROUNDS[/EVERY]") {
    const auto given = span(text);
    return given ? make_surge(*given) : nullptr;
  }
  if (strategy.arguments == ":SERVER") {
    const auto given = number(text);
    return given && *given <= UINT32_MAX ? make_server(static_cast<std::uint32_t>(*given))
                                         : nullptr;
  }
  const Halves halves = split(text, '+');
  const auto given = share(halves.front);
  if (!given) return nullptr;
  if (strategy.arguments == ":SHARE") return halves.back ? nullptr : with_share(name, *given);
  const auto rounds = halves.back ? number(*halves.back) : std::optional(kSpell);
  if (!rounds || *rounds == 0) return nullptr;
  if (name == "flapping") return make_flapping(*given, *rounds);
  if (!halves.back) return nullptr;
  return name == "pause" ? make_pause(*given, *rounds) : make_crash(*given, *rounds);
}

Result<Made, std::string> make_strategy(std::string_view text) {
  const Halves halves = split(text, ':');
  const std::string_view name = halves.front;
  const std::optional<std::string_view> arguments = halves.back;
  const auto* found = std::find_if(std::begin(kStrategies), std::end(kStrategies),
                                   [name](const Strategy& s) { return s.name == name; });
  if (found == std::end(kStrategies)) {
    return Unexpected{"no blocking strategy is called \"" + std::string(name) + "\""};
  }
  if (found->arguments.empty() && !arguments) {
    return name == "balance" ? make_balance() : make_nobody();
  }
  Made made;
  if (!found->arguments.empty() && arguments) made = with_arguments(*found, *arguments);
  if (made) return made;
  const bool with_share = found->arguments.find("SHARE") != std::string_view::npos;
  return Unexpected{"it is written " + std::string(name) + std::string(found->arguments) +
                    (with_share ? ", SHARE being like 12.5%" : "")};
}

Result<Made, std::string> make_one(std::string_view text) {
  const auto [strategy, when] = split(text, '@');
  auto made = make_strategy(strategy);
  if (!made || !when) return made;
  const auto given = span(*when);
  if (!given) return Unexpected{std::string("when is written @FROM+ROUNDS or @FROM+ROUNDS/EVERY")};
  return Made(std::make_unique<During>(*given, std::move(*made)));
}

}  // namespace

std::span<const Strategy> strategies() { return kStrategies; }

Result<std::unique_ptr<Blocker>, std::string> make_blocker(std::string_view text) {
  std::vector<Made> parts;
  for (std::optional<std::string_view> rest = text; rest;) {
    const Halves next = split(*rest, ',');
    auto part = make_one(next.front);
    if (!part) return Unexpected{part.error()};
    parts.push_back(std::move(*part));
    rest = next.back;
  }
  return Made(std::make_unique<Several>(std::move(parts)));
}

}  // namespace waggle::sim::rounds
