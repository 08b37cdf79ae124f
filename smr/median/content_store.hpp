#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "smr/median/final_prefix.hpp"
#include "smr/median/messages.hpp"

namespace waggle::median {

/// The requests behind names, of commands that are not final yet: logs and PREs name commands, and
/// a server certifies, locks and executes only what it holds. Not thread-safe.
class ContentStore {
 public:
  /// Bytes of requests that are kept at most; beyond, new ones are refused.
  static constexpr std::size_t kBytesMax = 64u << 20;

  /// Returns whether it is news; nothing changes beyond kBytesMax.
  bool add(const Content& content);
  /// Null if it is not held.
  SharedBytes find(const Digest& leaf) const;
  bool holds(const Digest& leaf) const { return contents_.contains(leaf); }
  /// The whole content; null if it is not held.
  const Content* content(const Digest& leaf) const;
  /// Forgets commands whose numbers the final prefix has passed. Calls `dropped` for each.
  template <class F>
  void prune(const FinalPrefix& final, F dropped) {
    std::erase_if(contents_, [&](const auto& entry) {
      const Command& command = entry.second.command;
      if (command.number > final.number(command.client)) return false;
      bytes_ -= entry.second.request->size();
      dropped(entry.first);
      return true;
    });
  }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return contents_.size(); }

 private:
  std::map<Digest, Content> contents_;
  std::size_t bytes_ = 0;
};

}  // namespace waggle::median
