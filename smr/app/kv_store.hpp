#pragma once

#include "smr/app/kv_command.hpp"
#include "smr/app/state_machine.hpp"

namespace waggle::app {

/// The key-value store that ships: KvCommand in, KvResult out. The keys of the state store are
/// the clients' keys as they are. Any client may touch any key.
class KvStore final : public StateMachine {
 public:
  static constexpr std::size_t kKeyBytesMax = 1024;
  static constexpr std::size_t kValueBytesMax = 1 << 20;
  /// Bounds of one scan, whatever its limit says. Bytes count keys and values; the first pair is
  /// given in any case, so that a scan always gets on.
  static constexpr std::uint32_t kScanPairsMax = 1000;
  static constexpr std::size_t kScanBytesMax = 64 << 10;

  Bytes apply(const CommandContext& context, ByteView command, StateStore& store) const override;
  /// A KvGet or KvScan; anything else is answered with kNotARead.
  Bytes query(ByteView query, const StateView& state) const override;
};

}  // namespace waggle::app
