#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace waggle::report {

struct Color {
  int red = 0;
  int green = 0;
  int blue = 0;
};

struct Image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgb;

  Color at(std::uint32_t x, std::uint32_t y) const;
  /// Pixels whose every channel is that close to the colour's.
  std::size_t count(const Color& color, int tolerance = 6) const;
};

/// Throws if the file is no PNG.
Image read_png(const std::filesystem::path& file);

}  // namespace waggle::report
