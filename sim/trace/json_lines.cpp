#include "sim/trace/json_lines.hpp"

#include <charconv>

namespace waggle::sim {

FieldNames field_names(EventKind kind) {
  using enum EventKind;
  switch (kind) {
    case kSend: return {.peer = "to", .number = "id", .name = "m", .count = "bytes"};
    case kDeliver:
    case kDrop: return {.peer = "from", .number = "id", .name = "why"};
    case kPropose: return {.name = "by", .count = "commands"};
    case kView:
    case kTimeout: return {.name = "by"};
    case kSuspend: return {.count = "count"};
    case kLog: return {.name = "text"};
    case kStart:
    case kStop:
    case kCrash:
    case kDisk:
    case kStrike: return {.name = "why"};
    case kClock: return {.count = "ppm"};
    case kCut:
    case kHeal: return {.peer = "to"};
    case kSubmit: return {.replica = "c", .number = "number", .count = "commands"};
    case kAcknowledge: return {.replica = "c", .number = "number"};
    case kReject: return {.replica = "c", .peer = "from", .number = "number", .name = "why"};
    case kViolation: return {.name = "property"};
    default: return {};
  }
}

namespace {

void escape(std::string& line, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20) {
      line += "\\u00";
      line += kHex[byte >> 4];
      line += kHex[byte & 15];
    } else {
      line += c;
    }
  }
}

void append(std::string& line, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  line.append(digits, end);
}

}  // namespace

std::string_view TraceLines::header(const TraceHeader& header) {
  line_ = "{";
  number("waggle_trace", kTraceVersion);
  text("scenario", header.scenario);
  number("seed", header.seed);
  text("core", header.core);
  number("n", header.n);
  number("f", header.f);
  pairs("byzantine", header.byzantine, [this](std::uint32_t replica, const std::string& does) {
    number("r", replica);
    text("does", does);
  });
  text("toml", header.toml);
  return line_ += '}';
}

std::string_view TraceLines::event(Duration at, const Event& event) {
  const FieldNames names = field_names(event.kind);
  line_ = "{";
  number("t", static_cast<std::uint64_t>(at.count()));
  text("k", to_string(event.kind));
  if (event.replica != Event::kNobody) number(names.replica, event.replica);
  if (!names.peer.empty() && event.peer != Event::kNobody) number(names.peer, event.peer);
  if (!names.number.empty()) number(names.number, event.number);
  if (!event.name.empty()) text(names.name, event.name);
  if (event.view > View{0}) number("v", event.view.value);
  if (event.height > Height{0}) number("h", event.height.value);
  if (event.block != nullptr) block("b", event.block);
  if (event.parent != nullptr) {
    block("p", event.parent);
    number("q", event.qc_view.value);
  }
  if (!names.count.empty() && event.count > 0) number(names.count, event.count);
  return line_ += '}';
}

std::string_view TraceLines::end(const TraceEnd& end) {
  line_ = "{";
  number("end", static_cast<std::uint64_t>(end.at.count()));
  text("verdict", end.verdict);
  pairs("violations", end.violations, [this](const std::string& property, const auto& detail) {
    text("property", property);
    text("detail", detail);
  });
  text("reproduce", end.reproduce);
  return line_ += '}';
}

template <class First, class Write>
void TraceLines::pairs(std::string_view name, const std::vector<std::pair<First, std::string>>& all,
                       const Write& write) {
  if (all.empty()) return;
  key(name);
  line_ += '[';
  for (const auto& [first, second] : all) {
    line_ += line_.ends_with('[') ? "{" : ",{";
    write(first, second);
    line_ += '}';
  }
  line_ += ']';
}

void TraceLines::key(std::string_view name) {
  line_ += line_.ends_with('{') ? "\"" : ",\"";
  line_ += name;
  line_ += "\":";
}

void TraceLines::text(std::string_view name, std::string_view value) {
  key(name);
  line_ += '"';
  escape(line_, value);
  line_ += '"';
}

void TraceLines::number(std::string_view name, std::uint64_t value) {
  key(name);
  append(line_, value);
}

void TraceLines::block(std::string_view name, const Digest* id) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  key(name);
  line_ += '"';
  // Eight bytes tell the blocks of one run apart.
  for (std::size_t i = 0; i < 8; ++i) {
    line_ += kHex[id->bytes[i] >> 4];
    line_ += kHex[id->bytes[i] & 15];
  }
  line_ += '"';
}

}  // namespace waggle::sim
