#pragma once

#include <span>
#include <string_view>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ensure.hpp"

/// What is fuzzed: functions over arbitrary bytes. None may crash, run into a sanitizer, or break a
/// property, which it checks with ENSURE. Each is a libFuzzer program of the preset `asan-ubsan`
/// (scripts/fuzz.sh), and replays its corpus as an ordinary test.
namespace waggle::fuzz {

struct Target {
  std::string_view name;  ///< Its program is fuzz_NAME, its corpus tests/fuzz/corpus/NAME.
  void (*run)(ByteView input);
};
std::span<const Target> targets();

void canonical(ByteView input);     ///< Every canonical decoder of consensus/: one encoding each.
void commit_proof(ByteView input);  ///< Decoding and verification.
void config(ByteView input);        ///< genesis.toml, cluster.toml, waggled.toml.
void core_step(ByteView input);     ///< Three honest cores and a liar that the input directs.
void frames(ByteView input);        ///< A stream of frames; what each of them is on any port.
void key_file(ByteView input);
void kv(ByteView input);               ///< Commands on a store, results, snapshots.
void median_messages(ByteView input);  ///< Decoding and validation.
void median_step(ByteView input);      ///< Servers of the median rule; the input directs all else.
void scenario(ByteView input);  ///< Scenario TOML; what is read can be written and read again.
void stored(ByteView input);    ///< Rows of the database.
void validate(ByteView input);  ///< Messages of peers, against real keys.

/// Takes an input apart. At its end everything is zero.
class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}
  bool empty() const noexcept { return rest_.empty(); }
  ByteView rest() const noexcept { return rest_; }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  /// 0 .. count - 1; of at most 256 possibilities.
  std::size_t below(std::size_t count) { return count == 0 ? 0 : byte() % count; }
  bool flag() { return (byte() & 1) != 0; }
  template <class Container>
  const auto& pick(const Container& from) {
    return from[below(from.size())];
  }

 private:
  ByteView rest_;
};

}  // namespace waggle::fuzz
