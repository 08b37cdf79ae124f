#include "sim/replay/reader.hpp"

#include <algorithm>

#include "sim/replay/fields.hpp"
#include "smr/config/nearest.hpp"

namespace waggle::sim {
namespace {

using config::ConfigError;
using config::Loaded;
using nlohmann::json;

constexpr std::uint64_t kNumberMax = ~std::uint64_t{0};
/// Half a million years; sums of times do not overflow.
constexpr std::uint64_t kTimeMax = std::uint64_t{1} << 62;

json json_of(const std::string& text) { return json::parse(text, nullptr, false); }

TraceHeader read_header(LineFields& fields) {
  TraceHeader header;
  header.scenario = fields.text("scenario", true);
  header.seed = fields.number("seed", kNumberMax, std::nullopt);
  header.core = fields.text("core", true);
  header.n =
      static_cast<std::uint32_t>(fields.number("n", TraceReader::kReplicasMax, std::nullopt));
  header.f = static_cast<std::uint32_t>(fields.number("f", header.n, std::nullopt));
  fields.list("byzantine", [&header](LineFields& one) {
    const auto replica = static_cast<std::uint32_t>(one.number("r", header.n - 1, std::nullopt));
    header.byzantine.emplace_back(replica, one.text("does", true));
  });
  header.toml = fields.text("toml", true);
  if (header.n == 0) fields.fail("n", "must be at least 1");
  return header;
}

TraceEnd read_end(LineFields& fields) {
  TraceEnd end;
  end.at = Duration{static_cast<std::int64_t>(fields.number("end", kTimeMax))};
  end.verdict = fields.text("verdict", true);
  static constexpr std::string_view kVerdicts[] = {"ok", "violation", "stalled"};
  if (std::find(std::begin(kVerdicts), std::end(kVerdicts), end.verdict) == std::end(kVerdicts)) {
    fields.fail("verdict", "must be ok, violation or stalled");
  }
  fields.list("violations", [&end](LineFields& one) {
    std::string property = one.text("property", true);
    end.violations.emplace_back(std::move(property), one.text("detail", true));
  });
  end.reproduce = fields.text("reproduce");
  return end;
}

/// The kind that the line names; the first one, and a problem, if there is none of that name.
EventKind read_kind(LineFields& fields) {
  const std::string name = fields.text("k", true);
  const auto names = event_kind_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<EventKind>(found - names.begin());
  const std::string_view close = config::nearest(name, names);
  fields.fail("k", "\"" + name + "\" is no kind of event" +
                       (close.empty() ? "" : "; did you mean \"" + std::string(close) + "\"?"));
  return EventKind::kSend;
}

TraceEvent read_event(LineFields& fields, std::uint32_t n) {
  TraceEvent read{.at = Duration{static_cast<std::int64_t>(fields.number("t", kTimeMax))}};
  Event& event = read.fields;
  event.kind = read_kind(fields);
  const FieldNames names = field_names(event.kind);
  const auto id = [&fields](std::string_view key, std::uint32_t max) {
    return static_cast<std::uint32_t>(fields.number(key, max, Event::kNobody));
  };
  event.replica = id(names.replica, names.replica == "r" ? n - 1 : Event::kNobody - 1);
  if (!names.peer.empty()) event.peer = id(names.peer, n - 1);
  if (!names.number.empty()) event.number = fields.number(names.number, kNumberMax, std::nullopt);
  if (!names.name.empty()) read.name = fields.text(names.name);
  if (!names.count.empty()) event.count = fields.number(names.count);
  event.view = View{fields.number("v")};
  event.height = Height{fields.number("h")};
  event.qc_view = View{fields.number("q")};
  read.block = fields.block("b");
  read.parent = fields.block("p");
  return read;
}

}  // namespace

Event TraceEvent::event() const {
  Event whole = fields;
  whole.name = name;
  whole.block = block ? &*block : nullptr;
  whole.parent = parent ? &*parent : nullptr;
  return whole;
}

Loaded<TraceReader> TraceReader::open(std::istream& in, const std::string& file) {
  TraceReader reader(in, file);
  if (!in) return Unexpected{ConfigError{file, 0, "", "cannot be read"}};
  reader.line_ = 1;
  std::getline(in, reader.text_);
  const json line = json_of(reader.text_);
  if (!line.is_object() || !line.contains("waggle_trace")) {
    return Unexpected{
        reader.error("", "is not the first line of a trace (run --trace writes one)")};
  }
  LineFields fields(line);
  const std::uint64_t version = fields.number("waggle_trace");
  if (version != kTraceVersion) {
    fields.fail("waggle_trace", "is version " + std::to_string(version) +
                                    "; this program reads version " +
                                    std::to_string(kTraceVersion));
  }
  reader.header_ = read_header(fields);
  if (const auto wrong = fields.finish()) {
    return Unexpected{reader.error(wrong->key, wrong->message)};
  }
  return reader;
}

bool TraceReader::advance() {
  if (!std::getline(*in_, text_)) return false;
  ++line_;
  // The writer died in the middle of this line, unless only the line break is missing.
  return !in_->eof() || !json_of(text_).is_discarded();
}

Loaded<TraceLine> TraceReader::parse() {
  if (complete_) return Unexpected{error("", "is a line behind the last of the trace")};
  const json line = json_of(text_);
  if (!line.is_object()) return Unexpected{error("", "is no JSON object")};
  LineFields fields(line);
  TraceLine read;
  if (line.contains("end")) {
    read = read_end(fields);
  } else {
    fields.number("t", kTimeMax, std::nullopt);
    read = read_event(fields, header_.n);
  }
  const Duration at = std::visit([](const auto& one) { return one.at; }, read);
  if (at < now_) fields.fail(line.contains("end") ? "end" : "t", "is before the line above");
  if (const auto wrong = fields.finish()) return Unexpected{error(wrong->key, wrong->message)};
  now_ = at;
  complete_ = line.contains("end");
  return read;
}

ConfigError TraceReader::error(std::string key, std::string message) const {
  return {file_, static_cast<int>(line_), std::move(key), std::move(message)};
}

}  // namespace waggle::sim
