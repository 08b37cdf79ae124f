#include "smr/median/compact.hpp"

namespace waggle::median {

Answer CompactRule::on_command(const CompactServer& server, Handle command) const {
  if (!server.useful) return Answer::kIgnore;
  const std::uint32_t client = table_.client(table_.slot(command));
  return answer(server.log, history_.last_number(server.state, client), command, table_);
}

void CompactRule::round(const CompactServer& before, Round now, std::span<CompactReply> replies,
                        LogView appended, Rng& rng, CompactServer& after) {
  after.state = before.state;
  after.useful = replies.size() >= parameters_.l;
  const bool asks_for_state = choices_.guards.bit_of_start ? !before.useful : !after.useful;  // b
  if (!after.useful) {
    after.log.clear();
    if (replies.empty()) return;
    const CompactReply& reply = any(replies);
    if (asks_for_state) after.state = reply.state;
    commit(reply.log.first(aged_prefix(reply.log, now, parameters_.T)), after.state);
    return;
  }
  const std::span<const CompactReply> m = draw_replies(parameters_, replies, rng);
  chosen_.clear();
  for (const CompactReply& reply : m) chosen_.push_back(reply.log);
  merger_.merge(chosen_, appended, after.log);
  if (asks_for_state) after.state = any(m).state;
  const std::size_t aged = aged_prefix(after.log, now, parameters_.T);
  commit(LogView(after.log).first(aged), after.state);
  after.log.erase(after.log.begin(), after.log.begin() + static_cast<std::ptrdiff_t>(aged));
  if (after.log.empty()) after.log.emplace_back(kDummy, now);
}

const CompactReply& CompactRule::any(std::span<const CompactReply> replies) const {
  return choices_.any == Choices::Any::kFirst ? replies.front() : replies.back();
}

void CompactRule::commit(LogView prefix, StateRef& state) {
  for (const Entry entry : prefix) state = history_.commit(state, entry.handle(), findings_);
}

}  // namespace waggle::median
