#include "tests/support/trace.hpp"

#include <fmt/format.h>

namespace waggle::testing {
namespace {

using namespace chained;

std::string_view timer_name(TimerId timer) {
  static constexpr std::string_view kNames[] = {"?",     "view",   "heartbeat",
                                                "fetch", "rejoin", "rejoin_rate"};
  return timer.value < std::size(kNames) ? kNames[timer.value] : kNames[0];
}

std::int64_t in_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Trace::Trace(const Chain& chain) { names_[chain.genesis->id] = "G"; }

std::string Trace::name(const Digest& block) {
  const auto found = names_.find(block);
  if (found != names_.end()) return found->second;
  return block.is_zero() ? "-" : "?" + short_hex(block);
}

void Trace::note(const BlockPtr& block) {
  if (names_.contains(block->id)) return;
  names_[block->id] =
      fmt::format("B{}{}", block->view().value, std::string(per_view_[block->view()]++, '\''));
}

std::string Trace::text(const Tip& tip) {
  return fmt::format("{}({},{})", name(tip.block), tip.view.value, tip.qc_view.value);
}

std::string Trace::text(const ViewProof& proof) {
  if (const auto* qc = std::get_if<QcPtr>(&proof.proof)) return "QC " + name((*qc)->block);
  if (const auto* tc = std::get_if<TcPtr>(&proof.proof)) {
    return fmt::format("TC view {}", (*tc)->view.value);
  }
  const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof.proof);
  if (timeouts == nullptr) return "start";
  std::string text = "timeouts";
  for (const Timeout& one : *timeouts) {
    text += fmt::format(" {}:{}", one.sender.value, one.view.value);
  }
  return text;
}

std::string Trace::text(const Block& block) {
  std::string text = fmt::format("{} height {} on {} qc {}", name(block.id), block.height().value,
                                 name(block.parent()), name(block.qc->block));
  if (block.tc) {
    text += " tc";
    for (const auto& entry : block.tc->entries) {
      text += fmt::format(" {}:{}", entry.replica.value, this->text(block.tc->tip_of(entry)));
    }
  }
  return text + fmt::format(" commands {}", block.payload->leaves().size());
}

std::string Trace::text(const Message& message) {
  std::string out(kind_of(message));
  if (const auto* proposal = std::get_if<Proposal>(&message)) {
    note(proposal->block);
    out += " " + text(*proposal->block);
  } else if (const auto* vote = std::get_if<Vote>(&message)) {
    out += " " + name(vote->block);
  } else if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) {
    const Timeout& t = timeout->timeout;
    out += fmt::format(" view {} tip {}{} high {}{}", t.view.value, text(t.tip),
                       t.tip_vote ? " voted" : "", name(t.high_qc.block), t.full_qc ? " full" : "");
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    out += " " + text(certificate->proof);
  } else if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
    out += " QC " + name(heartbeat->high_qc->block);
  } else if (const auto* request = std::get_if<BranchRequest>(&message)) {
    out += fmt::format(" {} above {}", name(request->block), request->above.value);
  } else if (const auto* branch = std::get_if<Branch>(&message)) {
    out += " " + name(branch->wanted) + ":";
    for (const ChainedBlock& chained : branch->blocks) {
      note(chained.block);
      out += " " + name(chained.block->id);
    }
  } else if (const auto* report = std::get_if<RejoinReport>(&message)) {
    out += fmt::format(" bound {} by {}", report->bound.value, text(report->justification));
  }
  return out;
}

std::string Trace::text(const Core::EffectType& effect) {
  if (const auto* persist = std::get_if<Persist<Record>>(&effect)) {
    const SafetyRecord& record = persist->record.safety;
    std::string out =
        fmt::format("persist voted {} timeout {} proposed {} tip {} high {} view {} head {}",
                    record.last_voted_view.value, record.last_timeout_view.value,
                    record.last_proposed_view.value, text(record.tip), name(record.high_qc->block),
                    record.view.value, name(record.head));
    if (record.rejoin == RejoinPhase::kRejoining) out += " rejoining";
    if (record.rejoin_bound > View{0}) out += fmt::format(" M {}", record.rejoin_bound.value);
    for (const ChainedBlock& chained : persist->record.blocks) {
      note(chained.block);
      out += " +" + name(chained.block->id);
    }
    for (const Digest& id : persist->record.dropped) out += " -" + name(id);
    return out;
  }
  if (const auto* one = std::get_if<Send<Message>>(&effect)) {
    return fmt::format("send {}: {}", one->to.value, text(one->message));
  }
  if (const auto* all = std::get_if<Broadcast<Message>>(&effect)) {
    return "broadcast " + text(all->message);
  }
  if (const auto* commit = std::get_if<Commit>(&effect)) {
    return fmt::format("commit {} height {} by {}", name(commit->block->id),
                       commit->block->height().value, name(commit->certified_by->id));
  }
  if (const auto* set = std::get_if<SetTimer>(&effect)) {
    if (set->timer == Core::kHeartbeatTimer) return "";
    return fmt::format("timer {} {} ms", timer_name(set->timer), in_ms(set->after));
  }
  if (const auto* cancel = std::get_if<CancelTimer>(&effect)) {
    return fmt::format("cancel {}", timer_name(cancel->timer));
  }
  if (const auto* refused = std::get_if<Refused>(&effect)) {
    return fmt::format("refused {} from {}", to_string(refused->reason), refused->from.value);
  }
  if (const auto* twice = std::get_if<Equivocation>(&effect)) {
    return fmt::format("equivocation view {}", twice->first.view.value);
  }
  return "halt: " + std::get<Halt>(effect).reason;
}

}  // namespace waggle::testing
