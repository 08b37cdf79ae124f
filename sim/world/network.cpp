#include "sim/world/network.hpp"

#include <algorithm>

namespace waggle::sim {
namespace {

bool holds(const std::vector<std::uint32_t>& set, Address address) {
  return std::find(set.begin(), set.end(), address.value) != set.end();
}
bool all_or_holds(const std::vector<std::uint32_t>& set, Address address) {
  return set.empty() || holds(set, address);
}

Duration span_of(std::uint64_t bytes, std::uint64_t bytes_per_second) {
  return Duration{static_cast<std::int64_t>(bytes * 1'000'000 / bytes_per_second)};
}

}  // namespace

std::size_t group_of(const Groups& groups, Address address) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [address](const auto& group) { return holds(group, address); });
  return static_cast<std::size_t>(found - groups.begin());
}

bool WireRule::singles_out(const Wire& wire) const {
  return all_or_holds(from, wire.from) && all_or_holds(to, wire.to) &&
         (kind.empty() || kind == wire.kind) && wire.about() >= view_min &&
         wire.about() <= view_max &&
         (between.empty() || group_of(between, wire.from) != group_of(between, wire.to));
}

Network::Network(std::uint32_t addresses, NetworkOptions options, EventQueue& events, Trace& trace,
                 Random rng)
    : addresses_(addresses),
      options_(std::move(options)),
      events_(events),
      trace_(trace),
      rng_(rng),
      links_(std::size_t{addresses} * addresses),
      uplink_free_at_(addresses) {
  for (std::size_t i = 0; i < options_.links.size(); ++i) {
    const NetworkOptions::Override& change = options_.links[i];
    for (const std::uint32_t from : change.from) {
      for (const std::uint32_t to : change.to) {
        link(Address{from}, Address{to}).quality = static_cast<std::uint32_t>(i + 1);
      }
    }
  }
}

const LinkQuality& Network::quality_of(const Link& link) const {
  const bool common = link.quality == 0 || options_.before_gst;
  return common ? quality() : options_.links[link.quality - 1].quality;
}

Network::Passage Network::pass(const Wire& wire) {
  ++sent_;
  bytes_ += wire.bytes;
  trace_.note(events_.now(), {.kind = EventKind::kSend,
                              .replica = wire.from.value,
                              .peer = wire.to.value,
                              .number = sent_,
                              .name = wire.kind,
                              .view = wire.view,
                              .block = wire.block,
                              .count = wire.bytes});
  Link& way = link(wire.from, wire.to);
  if (way.cuts > 0) return drop(wire, "cut");
  const std::optional<Duration> ruled = apply_rules(wire);
  if (!ruled) return drop(wire, "rule");
  Duration extra = *ruled;
  const LinkQuality& quality = quality_of(way);
  const std::optional<Duration> leaves = transmit(wire, quality, way);
  if (!leaves) return drop(wire, "queue");
  Passage passage = draw(quality);
  if (passage.copies == 0) return drop(wire, "lost");
  extra += *leaves;
  if (!options_.regions.of_replica.empty()) {
    const auto& of = options_.regions.of_replica;
    extra += options_.regions.delay.at(of.at(wire.from.value)).at(of.at(wire.to.value));
  }
  for (std::size_t i = 0; i < passage.copies; ++i) {
    Duration& delay = passage.delays.at(i);
    delay += extra;
    if (!quality.fifo) continue;
    way.last_arrival = std::max(way.last_arrival, events_.now() + delay);
    delay = way.last_arrival - events_.now();
  }
  return passage;
}

std::optional<Duration> Network::apply_rules(const Wire& wire) {
  Duration extra{0};
  for (auto& [number, ruling] : rules_) {
    const WireRule& rule = ruling.rule;
    if (rule.hold && !ruling.ends && wire.about() >= rule.view_min) {
      ruling.ends = events_.now() + *rule.hold;
    }
    if (ruling.ends && events_.now() >= *ruling.ends) continue;
    if (!rule.singles_out(wire) || !rng_.chance(rule.share)) continue;
    if (!rule.delay) return std::nullopt;
    extra += *rule.delay;
  }
  return extra;
}

Network::Passage Network::drop(const Wire& wire, std::string_view why) {
  trace_.note(events_.now(), {.kind = EventKind::kDrop,
                              .replica = wire.to.value,
                              .peer = wire.from.value,
                              .number = sent_,
                              .name = why});
  return {};
}

Network::Passage Network::draw(const LinkQuality& quality) {
  Passage passage;
  if (rng_.chance(quality.lost)) return passage;
  passage.copies = rng_.chance(quality.doubled) ? 2 : 1;
  for (std::size_t i = 0; i < passage.copies; ++i) {
    Duration& delay = passage.delays.at(i);
    delay = quality.latency.draw(rng_);
    if (rng_.chance(quality.slow)) delay *= quality.slow_factor;
  }
  return passage;
}

std::optional<Duration> Network::transmit(const Wire& wire, const LinkQuality& quality,
                                          Link& link) {
  const Duration now = events_.now();
  Duration left = now;
  const auto through = [&](Duration& free_at, std::uint64_t bytes_per_second) {
    if (bytes_per_second == 0) return true;
    const Duration begins = std::max(left, free_at);
    if (begins - now > span_of(quality.queue_bytes_max, bytes_per_second)) return false;
    left = free_at = begins + span_of(wire.bytes, bytes_per_second);
    return true;
  };
  if (!through(uplink_free_at_[wire.from.value], options_.uplink_bytes_per_second) ||
      !through(link.free_at, quality.bytes_per_second)) {
    return std::nullopt;
  }
  return left - now;
}

void Network::cut(Address from, Address to) {
  if (from == to) return;
  ++link(from, to).cuts;
  trace_.note(events_.now(), {.kind = EventKind::kCut, .replica = from.value, .peer = to.value});
}

bool Network::uncut(Address from, Address to) {
  Link& way = link(from, to);
  if (way.cuts == 0) return false;  // a general healing came first
  if (--way.cuts > 0) return false;
  trace_.note(events_.now(), {.kind = EventKind::kHeal, .replica = from.value, .peer = to.value});
  return true;
}

std::vector<std::pair<Address, Address>> Network::heal() {
  std::vector<std::pair<Address, Address>> healed;
  for (std::uint32_t a = 0; a < addresses_; ++a) {
    for (std::uint32_t b = a + 1; b < addresses_; ++b) {
      Link& there = link(Address{a}, Address{b});
      Link& back = link(Address{b}, Address{a});
      if (there.cuts + back.cuts > 0) healed.emplace_back(Address{a}, Address{b});
      there.cuts = back.cuts = 0;
    }
  }
  trace_.note(events_.now(), {.kind = EventKind::kHeal});
  return healed;
}

std::uint64_t Network::add_rule(WireRule rule) {
  rules_.emplace(++rules_made_, Ruling{std::move(rule), std::nullopt});
  return rules_made_;
}

void Network::calm() {
  reach_gst();
  rules_.clear();
  const auto calmed = [](LinkQuality& quality) { quality.lost = quality.slow = Share{}; };
  calmed(options_.quality);
  for (NetworkOptions::Override& change : options_.links) calmed(change.quality);
}

}  // namespace waggle::sim
