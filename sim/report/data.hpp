#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/replay/reader.hpp"

namespace waggle::sim {

/// The part of a trace that a report shows, both ends included.
struct ReportRange {
  Duration from{0};
  std::optional<Duration> to;  ///< Nothing: to the end.
};

/// The data of a report's page, gathered event by event: what sim/report/page/model.js reads.
/// Tables are objects of columns. Times are microseconds, each as the difference to the row before;
/// texts, ids of blocks and kinds are indices; what is absent is -1.
class ReportData {
 public:
  /// Events in the range at most. The page stays usable with that many.
  static constexpr std::uint64_t kEventsMax = 200'000;

  ReportData(const TraceReader& trace, const ReportRange& range);

  void add(const TraceEvent& event);
  /// More events than a page takes. Up to which time they would have fitted is told by last().
  bool full() const noexcept { return shown_ > kEventsMax; }
  Duration last() const noexcept { return last_; }

  /// After the last event; nothing for a trace that is broken off.
  nlohmann::json finish(const std::optional<TraceEnd>& end);

 private:
  struct Message {
    Duration sent{0};
    std::int64_t took = -1;
    int outcome = 2;  ///< Delivered, dropped, still on its way, delivered once more.
    std::int64_t kind = 0;
    std::int64_t why = 0;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint64_t view = 0;
    std::int64_t block = -1;
    std::uint64_t bytes = 0;
    std::uint64_t id = 0;
  };
  struct Mark {
    TraceEvent event;
    std::int64_t block = -1;
    std::int64_t parent = -1;
    std::int64_t name = 0;
  };
  /// What a replica was up to when the range begins.
  struct Before {
    bool up = false;
    bool paused = false;
    std::uint64_t view = 0;
  };

  void send(const TraceEvent& event);
  void arrive(const TraceEvent& event);
  void mark(const TraceEvent& event);
  void note_before(const TraceEvent& event);
  std::int64_t name_of(const std::string& text);
  std::int64_t block_of(const std::optional<Digest>& id);
  nlohmann::json messages_json() const;
  nlohmann::json marks_json() const;
  nlohmann::json before_json() const;

  const TraceReader& trace_;
  ReportRange range_;
  std::uint64_t events_ = 0;  ///< Of the whole trace.
  std::uint64_t shown_ = 0;   ///< Of the range.
  Duration last_{0};
  std::vector<Message> messages_;
  std::vector<Mark> marks_;
  std::map<std::uint64_t, std::size_t> sent_;     ///< Transmissions of the range, to messages_.
  std::map<std::uint64_t, Message> sent_before_;  ///< Those under way when it begins.
  std::vector<Mark> proposed_before_;             ///< The last blocks proposed before it.
  std::vector<Before> before_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> cuts_before_;
  std::map<std::string, std::int64_t> name_index_;
  std::vector<std::string> names_;
  std::map<Digest, std::int64_t> block_index_;
  std::vector<std::string> blocks_;
};

}  // namespace waggle::sim
