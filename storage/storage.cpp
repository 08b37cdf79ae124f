#include "storage/storage.hpp"

namespace waggle::storage {

std::string_view name_of(Family family) noexcept {
  switch (family) {
    case Family::kMeta: return "meta";
    case Family::kSafety: return "safety";
    case Family::kBlocks: return "blocks";
    case Family::kHeights: return "heights";
    case Family::kCommands: return "commands";
    case Family::kSessions: return "sessions";
    case Family::kResults: return "results";
    case Family::kState: return "state";
    case Family::kEvidence: return "evidence";
  }
  return "unknown";
}

std::string_view to_string(StorageError::Kind kind) noexcept {
  switch (kind) {
    case StorageError::Kind::kIo: return "io";
    case StorageError::Kind::kCorrupt: return "corrupt";
    case StorageError::Kind::kWrongOwner: return "wrong_owner";
    case StorageError::Kind::kNewerFormat: return "newer_format";
    case StorageError::Kind::kEmpty: return "empty";
    case StorageError::Kind::kNotEmpty: return "not_empty";
    case StorageError::Kind::kLocked: return "locked";
  }
  return "unknown";
}

}  // namespace waggle::storage
