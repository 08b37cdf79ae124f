#include "sim/checker/promises.hpp"

#include <algorithm>

namespace waggle::sim {
namespace {

/// Windows that are remembered per server; it never signs for older ones, or it would go back.
constexpr std::size_t kRemembered = 1024;

template <class T>
void forget(std::map<median::Window, T>& map) {
  while (map.size() > kRemembered) map.erase(map.begin());
}

std::string told_window(median::Window window) { return "window " + std::to_string(window); }

}  // namespace

void Promises::on_said(ReplicaId server, const median::Message& message) {
  // By itself a PRE travels as its head or, to who lacks the entries, whole; both are signed alike.
  if (const auto* head = std::get_if<median::PreHead>(&message)) {
    take_pre(server, head->window, head->signature);
  } else if (const auto* pre = std::get_if<median::SignedPre>(&message)) {
    take_pre(server, pre->window, pre->signature);
  } else if (const auto* commit = std::get_if<median::Commit>(&message)) {
    take_commit(server, *commit);
  }
}

void Promises::take_pre(ReplicaId server, median::Window window, const Signature& signature) {
  Seen& seen = servers_.at(server.value);
  const bool backwards = !seen.pres.empty() && window < seen.pres.rbegin()->first;
  const auto [held, fresh] = seen.pres.try_emplace(window, SignedPre{signature, now()});
  const auto event = [&] {
    return told(server) + " signs a PRE of " + told_window(window) + " " + told(now());
  };
  if (held->second.signature != signature) {
    fail(event() + ", but signed another one " + told(held->second.at));
  }
  if (!fresh) return;
  ++news_;
  if (backwards) {
    const auto& [highest, last] = *seen.pres.rbegin();
    fail(event() + ", but signed one of " + told_window(highest) + " " + told(last.at));
  }
  forget(seen.pres);
}

void Promises::take_commit(ReplicaId server, const median::Commit& commit) {
  Seen& seen = servers_.at(server.value);
  std::vector<SignedCommit>& before = seen.commits[commit.window];
  const bool again = std::any_of(before.begin(), before.end(),
                                 [&](const SignedCommit& one) { return one.commit == commit; });
  if (again) return;
  const auto event = [&] {
    return told(server) + " commits to " + std::to_string(commit.length) + " entries in " +
           told_window(commit.window) + " " + told(now());
  };
  const auto later = seen.pres.upper_bound(commit.window);
  if (later != seen.pres.end()) {
    fail(event() + ", but signed a PRE of " + told_window(later->first) + " " +
         told(later->second.at));
  }
  if (!before.empty() && before.back().commit.length >= commit.length) {
    fail(event() + ", but to " + std::to_string(before.back().commit.length) + " " +
         told(before.back().at));
  }
  before.push_back({commit, now()});
  ++news_;
  forget(seen.commits);
}

}  // namespace waggle::sim
