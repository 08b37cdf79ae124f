#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "consensus/core/certificates.hpp"
#include "consensus/core/ids.hpp"

/// What a puppet is to do, step by step (docs/simulator.md, "Puppets"). Blocks have names: those
/// that the plan gives them, "genesis", and "@4" for what another replica proposed in view 4.
namespace waggle::sim {

inline constexpr std::string_view kGenesisName = "genesis";
/// In tips only: a block that does not exist.
inline constexpr std::string_view kInventedName = "invented";

/// A tip, as a timeout is to claim it.
struct PlannedTip {
  std::string block;
  std::optional<Rank> claim;  ///< Nothing: the block's real one.
};

/// One entry of a TC. Of another replica: the timeout that it sent, with this tip if one is named,
/// else the first. Of the puppet itself: made up.
struct PlannedTimeout {
  std::uint32_t replica = 0;
  std::optional<PlannedTip> tip;
};

/// A certificate for a block, from the votes that were heard and the puppet's own.
struct PlannedQc {
  std::string block;
  std::vector<std::uint32_t> signers;  ///< Empty: any quorum.
  std::optional<View> claim;           ///< Nothing: the block's real view.
};

/// Makes a block and sends it.
struct BlockStep {
  std::string name;
  View view;
  std::string parent;
  PlannedQc qc;
  std::vector<PlannedTimeout> tc;  ///< Of the view before; empty: none.
  /// How often it holds the commands that the puppet knows of: 0, 1, or more, so that two blocks
  /// with the same parent differ.
  std::uint32_t payload = 0;
};
struct QcStep {
  PlannedQc qc;
};
struct TcStep {
  View view;
  std::vector<PlannedTimeout> tc;
};
struct TimeoutStep {
  View view;
  PlannedTip tip;
};
struct VoteStep {
  std::string block;
};

struct PlanStep {
  std::variant<BlockStep, QcStep, TcStep, TimeoutStep, VoteStep> what;
  std::vector<std::uint32_t> to;
  Duration delay{0};  ///< How long the messages are held back; the next step does not wait.
};

/// Each step is taken as soon as all before it were and what it needs has been heard.
using Plan = std::vector<PlanStep>;

/// The blocks that a step needs to know, names of the plan only.
std::vector<std::string> names_needed(const PlanStep& step);
/// The view of "@4"; nothing for other names.
std::optional<View> heard_view(std::string_view name);

}  // namespace waggle::sim
