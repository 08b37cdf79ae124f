#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/event_queue.hpp"
#include "sim/base/latency.hpp"
#include "sim/trace/trace.hpp"
#include "sim/world/address.hpp"

namespace waggle::sim {

/// How a link, one direction of it, behaves.
struct LinkQuality {
  /// Drawn per message, so that messages overtake each other unless `fifo`.
  Latency latency = Latency::uniform(std::chrono::microseconds(200), std::chrono::milliseconds(4));
  Share lost;
  Share doubled;
  Share slow;  ///< Delayed slow_factor times as long.
  std::uint32_t slow_factor = 20;
  bool fifo = false;                         ///< As over one TCP connection: nothing overtakes.
  std::uint64_t bytes_per_second = 0;        ///< 0: no limit.
  std::uint64_t queue_bytes_max = 16 << 20;  ///< What waits for bandwidth beyond this is dropped.
};

/// Replicas in places far apart: a delay per pair of regions, on top of the link's latency.
struct Regions {
  std::vector<std::uint32_t> of_replica;     ///< Region of each address; empty: no regions.
  std::vector<std::vector<Duration>> delay;  ///< One way, [from][to].
};

struct NetworkOptions {
  LinkQuality quality;
  /// Until `gst` (the global stabilization time) all links behave like this instead.
  std::optional<LinkQuality> before_gst;
  Duration gst{0};
  /// What one replica can send in all; 0: no limit.
  std::uint64_t uplink_bytes_per_second = 0;
  Regions regions;
  struct Override {
    std::vector<std::uint32_t> from;
    std::vector<std::uint32_t> to;
    LinkQuality quality;
  };
  std::vector<Override> links;  ///< Of overrides of one link the last counts.
};

/// What the network knows of a message.
struct Wire {
  Address from;
  Address to;
  std::string_view kind;  ///< Static text.
  View view;              ///< 0 where the message has none.
  const Digest* block;    ///< Null where it names none.
  std::uint32_t bytes;
  bool states_view = false;  ///< It is said in `view`, such as a vote; others only report on it.
  View sent_in{};            ///< The view in which the sender is.

  /// The view to which it belongs: its own or, for certificates, heartbeats, questions and
  /// answers, that of its sender.
  View about() const noexcept { return states_view ? view : sent_in; }
};

/// Sets of addresses; those in none form one of their own.
using Groups = std::vector<std::vector<std::uint32_t>>;
/// The number of the group of an address.
std::size_t group_of(const Groups& groups, Address address);

/// Singles out messages and drops or delays them.
struct WireRule {
  std::vector<std::uint32_t> from;  ///< Empty: all.
  std::vector<std::uint32_t> to;    ///< Empty: all.
  std::string kind;                 ///< Empty: all.
  View view_min;                    ///< Of the view that a message is about.
  View view_max{~std::uint64_t{0}};
  Groups between;                 ///< Not empty: only from one group to another.
  Share share{1'000'000};         ///< Of what the rest singles out.
  std::optional<Duration> delay;  ///< Nothing: drop.
  /// Ends so long after the first message that is about view_min or a later view.
  std::optional<Duration> hold;

  bool singles_out(const Wire& wire) const;
};

/// The links between addresses, and between clients and replicas: these have the common quality,
/// know no bandwidth and are never cut. Belongs to one world.
class Network {
 public:
  Network(std::uint32_t addresses, NetworkOptions options, EventQueue& events, Trace& trace,
          Random rng);

  /// `deliver` is copied for what arrives twice.
  template <class Deliver>
  void send(const Wire& wire, const Deliver& deliver) {
    const Passage passage = pass(wire);
    for (std::size_t i = 0; i < passage.copies; ++i) {
      // Called with the number of the transmission.
      events_.after(passage.delays.at(i), [deliver, number = sent_] { deliver(number); });
    }
  }
  /// Between a client and a replica.
  template <class Deliver>
  void send_client(const Deliver& deliver) {
    const Passage passage = draw(quality());
    for (std::size_t i = 0; i < passage.copies; ++i) events_.after(passage.delays.at(i), deliver);
  }

  // Faults. Cuts are counted: a link works again when all that cut it are gone.
  void cut(Address from, Address to);
  /// True if the link works again because of this.
  bool uncut(Address from, Address to);
  bool is_cut(Address from, Address to) const { return link(from, to).cuts > 0; }
  /// Ends all cuts; the pairs that were cut in at least one direction, lower one first.
  std::vector<std::pair<Address, Address>> heal();
  std::uint64_t add_rule(WireRule rule);
  void remove_rule(std::uint64_t rule) { rules_.erase(rule); }
  /// No losses, no slow messages, no rules from now on.
  void calm();
  void reach_gst() { options_.before_gst.reset(); }

  std::uint64_t messages() const noexcept { return sent_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct Passage {
    std::size_t copies = 0;
    std::array<Duration, 2> delays{};
  };
  struct Ruling {
    WireRule rule;
    std::optional<Duration> ends;
  };
  struct Link {
    std::uint32_t quality = 0;  ///< 0: the common one; else an override, from 1.
    std::uint32_t cuts = 0;
    Duration free_at{0};       ///< When its bandwidth is free again.
    Duration last_arrival{0};  ///< For fifo.
  };
  Passage pass(const Wire& wire);
  /// What rules add to the delay; nothing: one drops the message.
  std::optional<Duration> apply_rules(const Wire& wire);
  Passage drop(const Wire& wire, std::string_view why);
  Passage draw(const LinkQuality& quality);
  /// How long until the message has left the sender; nothing: there is no room for it.
  std::optional<Duration> transmit(const Wire& wire, const LinkQuality& quality, Link& link);
  const LinkQuality& quality() const {
    return options_.before_gst ? *options_.before_gst : options_.quality;
  }
  const LinkQuality& quality_of(const Link& link) const;
  const Link& link(Address from, Address to) const {
    return links_[from.value * std::size_t{addresses_} + to.value];
  }
  Link& link(Address from, Address to) {
    return links_[from.value * std::size_t{addresses_} + to.value];
  }

  const std::uint32_t addresses_;
  NetworkOptions options_;
  EventQueue& events_;
  Trace& trace_;
  Random rng_;
  std::vector<Link> links_;
  std::vector<Duration> uplink_free_at_;
  std::map<std::uint64_t, Ruling> rules_;
  std::uint64_t rules_made_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace waggle::sim
