#include "sim/trace/json_lines.hpp"

#include <charconv>

namespace waggle::sim {
namespace {

/// Which names the fields of a kind have in a line. An empty one: the kind has no such field.
struct Keys {
  std::string_view replica = "r";
  std::string_view peer;
  std::string_view number;
  std::string_view name;
  std::string_view count;
};

Keys keys_of(EventKind kind) {
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
    case kDisk: return {.name = "why"};
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

JsonLines::JsonLines(std::ostream& out, const TraceHeader& header) : out_(out) {
  line_ = "{\"waggle_trace\":1";
  text("scenario", header.scenario);
  number("seed", header.seed);
  text("core", header.core);
  number("n", header.n);
  number("f", header.f);
  line_ += "}\n";
  out_ << line_;
}

void JsonLines::write(Duration at, const Event& event) {
  const Keys keys = keys_of(event.kind);
  line_ = "{\"t\":";
  append(line_, static_cast<std::uint64_t>(at.count()));
  text("k", to_string(event.kind));
  if (event.replica != Event::kNobody) number(keys.replica, event.replica);
  if (!keys.peer.empty() && event.peer != Event::kNobody) number(keys.peer, event.peer);
  if (!keys.number.empty()) number(keys.number, event.number);
  if (!event.name.empty()) text(keys.name, event.name);
  if (event.view > View{0}) number("v", event.view.value);
  if (event.height > Height{0}) number("h", event.height.value);
  if (event.block != nullptr) block("b", event.block);
  if (event.parent != nullptr) {
    block("p", event.parent);
    number("q", event.qc_view.value);
  }
  if (!keys.count.empty() && event.count > 0) number(keys.count, event.count);
  line_ += "}\n";
  out_ << line_;
}

void JsonLines::text(std::string_view key, std::string_view value) {
  line_ += ",\"";
  line_ += key;
  line_ += "\":\"";
  escape(line_, value);
  line_ += '"';
}

void JsonLines::number(std::string_view key, std::uint64_t value) {
  line_ += ",\"";
  line_ += key;
  line_ += "\":";
  append(line_, value);
}

void JsonLines::block(std::string_view key, const Digest* id) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  line_ += ",\"";
  line_ += key;
  line_ += "\":\"";
  // Eight bytes tell the blocks of one run apart.
  for (std::size_t i = 0; i < 8; ++i) {
    line_ += kHex[id->bytes[i] >> 4];
    line_ += kHex[id->bytes[i] & 15];
  }
  line_ += '"';
}

}  // namespace waggle::sim
