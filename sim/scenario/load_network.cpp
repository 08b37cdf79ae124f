#include <algorithm>

#include "sim/scenario/loading.hpp"

namespace waggle::sim {
namespace {

using config::Section;
using config::Value;

const std::vector<std::string_view> kQualityKeys = {"latency",     "loss", "duplication", "slow",
                                                    "slow_factor", "fifo", "bandwidth",   "queue"};

std::vector<std::string_view> with_quality_keys(std::vector<std::string_view> keys) {
  keys.insert(keys.end(), kQualityKeys.begin(), kQualityKeys.end());
  return keys;
}

/// What the section says; the rest as in `base`.
LinkQuality load_quality(const Section& section, const LinkQuality& base) {
  const Fields fields(section);
  LinkQuality quality;
  quality.latency = fields.latency("latency", base.latency);
  quality.lost = fields.share("loss", base.lost);
  quality.doubled = fields.share("duplication", base.doubled);
  quality.slow = fields.share("slow", base.slow);
  quality.slow_factor = fields.count("slow_factor", {1, 10'000}, base.slow_factor);
  quality.fifo = section.flag("fifo", base.fifo);
  quality.bytes_per_second = fields.rate("bandwidth", base.bytes_per_second);
  quality.queue_bytes_max = fields.bytes("queue", base.queue_bytes_max);
  return quality;
}

std::vector<Duration> load_row(const Section& section, const Value& row, std::size_t size) {
  std::vector<Duration> delays;
  for (const std::string& text : texts_of(section, "delay", row)) {
    const auto delay = parse_duration(text);
    if (!delay) section.fail("delay", "\"" + text + "\" is not " + std::string(kDurationLooks));
    delays.push_back(delay.value_or(Duration{0}));
  }
  if (delays.size() != size) {
    section.fail("delay", "must have a row per region with a delay to each region");
    delays.resize(size);
  }
  return delays;
}

Regions load_regions(const Section& section, std::uint32_t n) {
  Regions regions;
  const Value* names = section.find("names");
  const Value* delay = section.find("delay");
  if (names == nullptr || delay == nullptr) {
    section.fail(names == nullptr ? "names" : "delay", "missing");
    return regions;
  }
  const std::vector<std::string> named = texts_of(section, "names", *names);
  const auto* rows = std::get_if<std::vector<Value>>(&delay->data);
  if (named.empty() || rows == nullptr || rows->size() != named.size()) {
    section.fail("delay", "must have a row per region with a delay to each region");
    return regions;
  }
  for (const Value& row : *rows) regions.delay.push_back(load_row(section, row, named.size()));
  std::vector<std::string> homes = named;  // by turns
  if (const Value* given = section.find("replicas")) homes = texts_of(section, "replicas", *given);
  for (std::uint32_t id = 0; id < n && !homes.empty(); ++id) {
    const std::string& home = homes[id % homes.size()];
    const auto found = std::find(named.begin(), named.end(), home);
    if (found == named.end()) section.fail("replicas", "\"" + home + "\" is no region");
    regions.of_replica.push_back(static_cast<std::uint32_t>(found - named.begin()));
  }
  return regions;
}

}  // namespace

std::vector<std::string> texts_of(const Section& section, std::string_view key,
                                  const Value& value) {
  std::vector<std::string> texts;
  const auto* items = std::get_if<std::vector<Value>>(&value.data);
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const auto* text = std::get_if<std::string>(&(*items)[i].data);
    if (text == nullptr) break;
    texts.push_back(*text);
  }
  if (items == nullptr || texts.size() != items->size()) {
    section.fail(key, "must be a list of texts");
    texts.clear();
  }
  return texts;
}

NetworkOptions load_network(const Section& root, std::uint32_t n) {
  const Section section = root.optional_section(
      "network", with_quality_keys({"uplink", "gst", "before_gst", "link", "regions"}));
  const Fields fields(section);
  NetworkOptions options;
  options.quality = load_quality(section, options.quality);
  options.uplink_bytes_per_second = fields.rate("uplink", 0);
  if (section.has("regions")) {
    options.regions =
        load_regions(section.optional_section("regions", {"names", "delay", "replicas"}), n);
  }
  if (section.has("gst") != section.has("before_gst")) {
    section.fail(section.has("gst") ? "before_gst" : "gst", "gst and before_gst go together");
  }
  if (section.has("gst")) {
    options.gst = fields.duration("gst", Duration{0});
    options.before_gst =
        load_quality(section.optional_section("before_gst", kQualityKeys), options.quality);
  }
  for (const Section& link : section.optional_sections("link", with_quality_keys({"from", "to"}))) {
    const Fields ends(link);
    options.links.push_back({ends.some_replicas("from", n), ends.some_replicas("to", n),
                             load_quality(link, options.quality)});
  }
  return options;
}

}  // namespace waggle::sim
