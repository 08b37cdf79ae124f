#include "sim/trace/trace.hpp"

namespace waggle::sim {
namespace {

std::uint64_t word_of(const std::uint8_t* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

std::uint64_t word_of(const Digest* digest) noexcept {
  return digest == nullptr ? 0 : word_of(digest->bytes.data(), 8);
}

}  // namespace

void Trace::digest_event(Duration at, const Event& event) noexcept {
  std::uint64_t state = digest_;
  const auto mix = [&state](std::uint64_t word) {
    state = (state ^ word) * 0x9e3779b97f4a7c15;
    state ^= state >> 32;
  };
  mix(static_cast<std::uint64_t>(at.count()));
  mix(static_cast<std::uint64_t>(event.kind) << 56 ^ std::uint64_t{event.replica} << 24 ^
      event.peer);
  mix(event.number);
  mix(event.view.value ^ event.qc_view.value << 32);
  mix(event.height.value ^ event.count << 32);
  mix(word_of(event.block) ^ word_of(event.parent) >> 1);
  const auto* text = reinterpret_cast<const std::uint8_t*>(event.name.data());
  std::size_t left = event.name.size();
  for (; left > 8; left -= 8, text += 8) mix(word_of(text, 8));
  mix(word_of(text, left) ^ event.name.size() << 56);
  digest_ = state;
}

}  // namespace waggle::sim
