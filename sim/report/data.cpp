#include "sim/report/data.hpp"

#include <algorithm>
#include <utility>

namespace waggle::sim {
namespace {

using nlohmann::json;

/// Blocks proposed before the range that its events may still be about.
constexpr std::size_t kProposedBefore = 1024;

template <class Row, class Field>
json column(const std::vector<Row>& rows, const Field& field) {
  json values = json::array();
  for (const Row& row : rows) values.push_back(field(row));
  return values;
}

/// Each time as the difference to the one before.
template <class Row, class Time>
json time_column(const std::vector<Row>& rows, const Time& time_of) {
  std::int64_t last = 0;
  return column(rows, [&](const Row& row) {
    const std::int64_t now = time_of(row).count();
    return now - std::exchange(last, now);
  });
}

std::int64_t or_nobody(std::uint32_t id) {
  return id == Event::kNobody ? -1 : static_cast<std::int64_t>(id);
}

std::string hex(const Digest& id) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    text += kHex[id.bytes[i] >> 4];
    text += kHex[id.bytes[i] & 15];
  }
  return text;
}

}  // namespace

ReportData::ReportData(const TraceReader& trace, const ReportRange& range)
    : trace_(trace), range_(range), before_(trace.header().n) {
  name_of("");
}

void ReportData::add(const TraceEvent& event) {
  ++events_;
  if (range_.to && event.at > *range_.to) return;
  last_ = event.at;
  if (event.at < range_.from) return note_before(event);
  if (++shown_ > kEventsMax) return;
  switch (event.fields.kind) {
    case EventKind::kSend: return send(event);
    case EventKind::kDeliver:
    case EventKind::kDrop: return arrive(event);
    default: return mark(event);
  }
}

void ReportData::send(const TraceEvent& event) {
  const Event& fields = event.fields;
  Message message;
  message.sent = event.at;
  message.kind = name_of(event.name);
  message.from = fields.replica;
  message.to = fields.peer;
  message.view = fields.view.value;
  message.block = block_of(event.block);
  message.bytes = fields.count;
  message.id = fields.number;
  if (event.at < range_.from) {
    sent_before_[message.id] = message;
  } else {
    sent_[message.id] = messages_.size();
    messages_.push_back(message);
  }
}

void ReportData::arrive(const TraceEvent& event) {
  const std::uint64_t id = event.fields.number;
  if (const auto before = sent_before_.find(id); before != sent_before_.end()) {
    sent_[id] = messages_.size();
    messages_.push_back(before->second);
    sent_before_.erase(before);
  }
  const auto found = sent_.find(id);
  if (found == sent_.end()) return;
  std::size_t row = found->second;
  int outcome = event.fields.kind == EventKind::kDrop ? 1 : 0;
  if (messages_[row].took >= 0) {  // the network doubled it
    messages_.push_back(messages_[row]);
    row = messages_.size() - 1;
    if (outcome == 0) outcome = 3;
  }
  messages_[row].took = (event.at - messages_[row].sent).count();
  messages_[row].outcome = outcome;
  messages_[row].why = name_of(event.name);
}

void ReportData::mark(const TraceEvent& event) {
  marks_.push_back({event, block_of(event.block), block_of(event.parent), name_of(event.name)});
}

void ReportData::note_before(const TraceEvent& event) {
  const Event& fields = event.fields;
  const auto replica = [&]() -> Before& { return before_.at(fields.replica); };
  const std::pair link{fields.replica, fields.peer};
  switch (fields.kind) {
    case EventKind::kSend: return send(event);
    case EventKind::kDeliver:
    case EventKind::kDrop: sent_before_.erase(fields.number); return;
    case EventKind::kPropose:
      proposed_before_.push_back(
          {event, block_of(event.block), block_of(event.parent), name_of(event.name)});
      if (proposed_before_.size() > 2 * kProposedBefore) {
        proposed_before_.erase(proposed_before_.begin(),
                               proposed_before_.begin() + kProposedBefore);
      }
      return;
    case EventKind::kView: replica().view = fields.view.value; return;
    case EventKind::kStart: replica().up = true; return;
    case EventKind::kCrash: replica() = Before{false, false, replica().view}; return;
    case EventKind::kPause: replica().paused = true; return;
    case EventKind::kResume: replica().paused = false; return;
    case EventKind::kCut: cuts_before_.insert(link); return;
    case EventKind::kHeal:
      if (fields.replica == Event::kNobody) cuts_before_.clear();
      cuts_before_.erase(link);
      return;
    default: return;
  }
}

std::int64_t ReportData::name_of(const std::string& text) {
  const auto next = static_cast<std::int64_t>(names_.size());
  const auto [found, added] = name_index_.emplace(text, next);
  if (added) names_.push_back(text);
  return found->second;
}

std::int64_t ReportData::block_of(const std::optional<Digest>& id) {
  if (!id) return -1;
  const auto [found, added] = block_index_.emplace(*id, static_cast<std::int64_t>(blocks_.size()));
  if (added) blocks_.push_back(hex(*id));
  return found->second;
}

json ReportData::messages_json() const {
  const auto of = [this](const auto& field) { return column(messages_, field); };
  return {{"t", time_column(messages_, [](const Message& one) { return one.sent; })},
          {"took", of([](const Message& one) { return one.took; })},
          {"outcome", of([](const Message& one) { return one.outcome; })},
          {"kind", of([](const Message& one) { return one.kind; })},
          {"why", of([](const Message& one) { return one.why; })},
          {"from", of([](const Message& one) { return one.from; })},
          {"to", of([](const Message& one) { return one.to; })},
          {"v", of([](const Message& one) { return one.view; })},
          {"b", of([](const Message& one) { return one.block; })},
          {"bytes", of([](const Message& one) { return one.bytes; })},
          {"id", of([](const Message& one) { return one.id; })}};
}

json ReportData::marks_json() const {
  const auto of = [this](const auto& field) { return column(marks_, field); };
  const auto fields = [&of](const auto& field) {
    return of([&field](const Mark& one) { return field(one.event.fields); });
  };
  return {{"t", time_column(marks_, [](const Mark& one) { return one.event.at; })},
          {"k", fields([](const Event& one) { return static_cast<int>(one.kind); })},
          {"r", fields([](const Event& one) { return or_nobody(one.replica); })},
          {"peer", fields([](const Event& one) { return or_nobody(one.peer); })},
          {"v", fields([](const Event& one) { return one.view.value; })},
          {"h", fields([](const Event& one) { return one.height.value; })},
          {"q", fields([](const Event& one) { return one.qc_view.value; })},
          {"number", fields([](const Event& one) { return one.number; })},
          {"count", fields([](const Event& one) { return one.count; })},
          {"b", of([](const Mark& one) { return one.block; })},
          {"p", of([](const Mark& one) { return one.parent; })},
          {"name", of([](const Mark& one) { return one.name; })}};
}

json ReportData::before_json() const {
  json down = json::array();
  json paused = json::array();
  json views = json::array();
  for (std::size_t r = 0; r < before_.size(); ++r) {
    if (!before_[r].up) down.push_back(r);
    if (before_[r].paused) paused.push_back(r);
    views.push_back(before_[r].view);
  }
  return {{"down", down}, {"paused", paused}, {"views", views}, {"cuts", cuts_before_}};
}

json ReportData::finish(const std::optional<TraceEnd>& end) {
  const TraceHeader& header = trace_.header();
  // Blocks of before the range are of use to the tree.
  marks_.insert(marks_.begin(), proposed_before_.begin(), proposed_before_.end());
  const Duration until = end ? end->at : last_;
  const Duration to = std::max(range_.from, std::min(until, range_.to.value_or(until)));
  json data = {{"trace", trace_.file()},
               {"scenario", header.scenario},
               {"seed", std::to_string(header.seed)},
               {"core", header.core},
               {"n", header.n},
               {"f", header.f},
               {"byzantine", header.byzantine},
               {"complete", end.has_value()},
               {"end", end ? end->at.count() : -1},
               {"verdict", end ? end->verdict : ""},
               {"reproduce", end ? end->reproduce : ""},
               {"events", events_},
               {"shown", shown_},
               {"whole", shown_ == events_},
               {"range", {range_.from.count(), to.count()}},
               {"before", before_json()},
               {"kinds", event_kind_names()},
               {"messages", messages_json()},
               {"marks", marks_json()}};
  data["violations"] = end ? json(end->violations) : json::array();
  data["names"] = names_;
  data["blocks"] = blocks_;
  return data;
}

}  // namespace waggle::sim
