// What certificates cost as committed commands add up.
#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "consensus/core/request.hpp"
#include "crypto/sha256.hpp"
#include "sim/base/random.hpp"
#include "sim/experiment/all.hpp"
#include "sim/experiment/rounds_common.hpp"
#include "smr/certificate/client_chains.hpp"
#include "smr/certificate/server_chains.hpp"

namespace waggle::sim {
namespace {

using certificate::Certificate;
using certificate::ClientChains;
using certificate::ServerChains;
using nlohmann::json;

struct Sizes {
  std::vector<std::uint32_t> clients;
  std::vector<std::uint64_t> counts;  ///< Committed commands at which is measured.
};

Sizes sizes_of(const Scale& scale) {
  if (scale.quick) return {{10, 100}, {100, 1000, 4000}};
  return {{10, 1000, 100'000}, {100, 1000, 10'000, 100'000, 1'000'000}};
}

/// SHA-256, and how often.
class CountingHasher final : public Hasher {
 public:
  Digest hash(std::initializer_list<ByteView> parts) const noexcept override {
    ++count_;
    return hasher_.hash(parts);
  }
  std::uint64_t count() const noexcept { return count_; }

 private:
  crypto::Sha256Hasher hasher_;
  mutable std::uint64_t count_ = 0;
};

/// Clients whose commands come in random order. Of the first few both sides are seen.
class Run {
 public:
  explicit Run(std::uint32_t clients) : clients_(clients) {
    for (std::uint32_t i = 0; i < std::min(clients, kWatched); ++i) watched_.emplace_back(id(i));
  }

  void extend(std::uint64_t count) {
    while (server_.count() < count) step(random_.below(clients_));
  }

  json measure() const {
    const std::vector<Certificate> all = certificates();
    std::size_t links = 0;
    for (const Certificate& one : all) links = std::max(links, one.links.size());
    Writer writer;
    server_.encode(writer);
    json result{
        {"certificates", all.size()},
        {"largest_bytes", kFixedBytes + links * Digest::kSize},
        {"server_bytes", writer.size()},
        {"server_bytes_per_client", writer.size() / std::max<std::size_t>(server_.clients(), 1)},
        {"client_bytes_per_command", all.empty() ? 0 : stored_ / all.size()}};
    verify(all, result);
    return result;
  }

 private:
  static constexpr std::uint32_t kWatched = 4;
  static constexpr std::size_t kFixedBytes = 8 + 4;  ///< Position, number of links.

  static ClientId id(std::uint64_t client) {
    ClientId id;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      id.bytes[byte] = static_cast<std::uint8_t>((client * 0x9e3779b97f4a7c15) >> (8 * byte));
    }
    id.bytes[8] = 1;
    return id;
  }
  static Bytes command(std::uint64_t client, std::uint64_t number) {
    const std::string text = fmt::format("put {} {}", client, number);
    return Bytes(text.begin(), text.end());
  }

  void step(std::uint64_t client) {
    const ClientId who = id(client);
    const std::uint64_t number = server_.number(who) + 1;
    const Digest leaf = command_leaf(who, number, command(client, number), hasher_);
    server_.append(who, number, leaf, hasher_);
    if (client >= watched_.size()) return;
    stored_ += watched_[client]
                   .acknowledge(server_.acknowledgement(who).value(), leaf, hasher_)
                   .value()
                   .size();
  }

  std::vector<Certificate> certificates() const {
    std::vector<Certificate> all;
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      for (std::uint64_t number = 1; number <= watched_[i].commands(); ++number) {
        all.push_back(*watched_[i].certificate(number, command(i, number)));
      }
    }
    return all;
  }

  /// All of them by the server, for time the best of some passes; and of a few every bit turned.
  void verify(const std::vector<Certificate>& all, json& result) const {
    const std::uint64_t before = hasher_.count();
    std::uint64_t refused = 0;
    for (const Certificate& one : all) refused += server_.verify(one, hasher_) ? 0 : 1;
    const std::uint64_t hashes = hasher_.count() - before;
    double best = 1e9;
    for (int pass = 0; pass < 5; ++pass) {
      const std::clock_t start = std::clock();
      for (const Certificate& one : all) refused += server_.verify(one, hasher_) ? 0 : 1;
      best = std::min(best, 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    const auto count = static_cast<double>(std::max<std::size_t>(all.size(), 1));
    result["refused"] = refused;
    result["hashes"] = static_cast<double>(hashes) / count;
    result["microseconds"] = best / count;
    result["accepted_flips"] = flips(all);
  }

  std::uint64_t flips(const std::vector<Certificate>& all) const {
    std::uint64_t accepted = 0;
    for (std::size_t i = 0; i < all.size(); i += all.size() / 4 + 1) {
      Bytes bytes = encode(all[i]);
      for (std::uint8_t& byte : bytes) {
        for (int bit = 0; bit < 8; ++bit) {
          byte ^= static_cast<std::uint8_t>(1 << bit);
          accepted += server_.verify(bytes, hasher_) ? 1 : 0;
          byte ^= static_cast<std::uint8_t>(1 << bit);
        }
      }
    }
    return accepted;
  }

  std::uint32_t clients_;
  CountingHasher hasher_;
  Random random_{1};
  ServerChains server_;
  std::vector<ClientChains> watched_;
  std::size_t stored_ = 0;
};

json run(std::uint32_t clients, const std::vector<std::uint64_t>& counts) {
  Run run(clients);
  json all = json::array();
  for (const std::uint64_t count : counts) {
    run.extend(count);
    json one = run.measure();
    one["commands"] = count;
    all.push_back(std::move(one));
  }
  return {{"at", std::move(all)}};
}

std::vector<Cell> cells(const Scale& scale) {
  const Sizes sizes = sizes_of(scale);
  std::vector<Cell> cells;
  for (const std::uint32_t clients : sizes.clients) {
    cells.push_back({{{"clients", clients}, {"seed", 1}},
                     [=] { return run(clients, sizes.counts); },
                     fmt::format("flips of all bits {}", fmt::join(sizes.counts, " "))});
  }
  return cells;
}

Panel panel_of(const std::vector<CellResult>& results, const std::string& key,
               const std::string& title, const std::string& y_title) {
  Panel panel;
  panel.title = title;
  panel.apart = false;
  panel.x = {.title = "committed commands", .log = true};
  panel.y = {.title = y_title, .min = 0};
  std::size_t style = 0;
  for (const CellResult& result : results) {
    Series series{fmt::format("{} clients", result.parameters.at("clients").dump()), style++, {}};
    for (const json& at : result.measured.at("at")) {
      if (at.at("certificates") == 0) continue;
      series.points.push_back({at.at("commands").get<double>(), at.at(key).get<double>()});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Findings evaluate(const std::vector<CellResult>& results, const Scale&) {
  Findings findings;
  Table data({"clients", "commands", "certificates", "largest_bytes", "server_bytes",
              "server_bytes_per_client", "client_bytes_per_command", "hashes", "microseconds"});
  Table table({"clients", "commands", "position and chain, at most", "server per client",
               "server, all", "client per command", "hashes", "microseconds"},
              "Bytes; hashes and time of a verification on average");
  double largest = 0;
  double slowest = 0;
  double per_client = 0;
  std::uint64_t refused = 0;
  std::uint64_t accepted = 0;
  std::size_t verified = 0;
  for (const CellResult& result : results) {
    const std::string clients = result.parameters.at("clients").dump();
    for (const json& at : result.measured.at("at")) {
      const auto text = [&at](const char* key) { return at.at(key).dump(); };
      const auto rounded = [&at](const char* key) {
        return fmt::format("{:.1f}", at.at(key).get<double>());
      };
      data.add({clients, text("commands"), text("certificates"), text("largest_bytes"),
                text("server_bytes"), text("server_bytes_per_client"),
                text("client_bytes_per_command"), rounded("hashes"), rounded("microseconds")});
      table.add({clients, text("commands"), text("largest_bytes"), text("server_bytes_per_client"),
                 text("server_bytes"), text("client_bytes_per_command"), rounded("hashes"),
                 rounded("microseconds")});
      largest = std::max(largest, at.at("largest_bytes").get<double>());
      slowest = std::max(slowest, at.at("microseconds").get<double>());
      per_client = std::max(per_client, at.at("server_bytes_per_client").get<double>());
      refused += at.at("refused").get<std::uint64_t>();
      accepted += at.at("accepted_flips").get<std::uint64_t>();
      verified += at.at("certificates").get<std::size_t>();
    }
  }
  findings.data = std::move(data);
  findings.tables.push_back(std::move(table));
  Plot plot;
  plot.title = "Bytes of certificates";
  plot.columns = 3;
  plot.panel_height = 260;
  plot.panels = {
      panel_of(results, "largest_bytes", "position and chain, at most", "bytes"),
      panel_of(results, "client_bytes_per_command", "a client stores, per command", "bytes"),
      panel_of(results, "server_bytes_per_client", "a server holds, per client", "bytes")};
  plot.note = "Where a line is not seen, it lies behind another.";
  findings.figures.push_back({"", "Bytes against committed commands.", to_svg(plot)});
  findings.claims.push_back({"Position and chain take at most 640 bytes.",
                             fmt::format("{:.0f}", largest), largest <= 640});
  findings.claims.push_back({"A verification takes at most 25 microseconds.",
                             fmt::format("{:.1f}", slowest), slowest <= 25});
  findings.claims.push_back({"What a server holds per client does not grow with the commands.",
                             fmt::format("at most {:.0f} bytes", per_client), per_client <= 1200});
  findings.claims.push_back(
      {"Every certificate verifies, and none with a bit turned.",
       fmt::format("{} of {} refused, {} with a turned bit accepted", refused, verified, accepted),
       refused == 0 && accepted == 0 && verified > 0});
  return findings;
}

}  // namespace

const Experiment kCertificates = {
    .name = "certificates",
    .title = "Certificates: bytes and time",
    .question =
        "What do compressed certificates cost clients and servers, as committed commands "
        "add up to a million?",
    .setup =
        R"(
[Section 6](../spec/median-smr.md#6-certificates): a server keeps the roots of the forest of all
committed commands, and of each client its last two commands with their chains. Commands of so
many clients come in random order. Four of the clients take their acknowledgements; afterwards
the server verifies all certificates that these clients hold, the oldest ones too. Hash: SHA-256.
Of some certificates every bit is turned, one at a time.)",
    .reading =
        R"(
A chain has at most as many links as the tree over the command is high: 32 bytes for each
doubling. A server holds two chains of every client, of which recent ones share all but the
lowest links. Among ten clients a client's commands stand close together and their chains share
most nodes, so that it stores little for each; among 100,000 they share only the highest. What a
server holds hardly depends on the number of clients: chains of different clients share nodes
just as well. Nothing grows with the number of commands, but with its logarithm.)",
    .limits =
        R"(
Clients all work at the same rate. Time is processor time on the machine that ran this, and the
only thing here that differs from run to run.)",
    .cells = cells,
    .evaluate = evaluate,
};

}  // namespace waggle::sim
