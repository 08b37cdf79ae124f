#include "tests/report/image.hpp"

#include <cstdlib>
#include <stdexcept>

#include <png.h>

namespace waggle::report {

Color Image::at(std::uint32_t x, std::uint32_t y) const {
  const std::uint8_t* pixel = &rgb.at((std::size_t{y} * width + x) * 3);
  return {pixel[0], pixel[1], pixel[2]};
}

std::size_t Image::count(const Color& color, int tolerance) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    found += std::abs(rgb[i] - color.red) <= tolerance &&
                     std::abs(rgb[i + 1] - color.green) <= tolerance &&
                     std::abs(rgb[i + 2] - color.blue) <= tolerance
                 ? 1
                 : 0;
  }
  return found;
}

Image read_png(const std::filesystem::path& file) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&png, file.c_str()) == 0) {
    throw std::runtime_error(file.string() + ": " + png.message);
  }
  png.format = PNG_FORMAT_RGB;
  Image image{png.width, png.height, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(png))};
  if (png_image_finish_read(&png, nullptr, image.rgb.data(), 0, nullptr) == 0) {
    throw std::runtime_error(file.string() + ": " + png.message);
  }
  return image;
}

}  // namespace waggle::report
