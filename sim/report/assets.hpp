#pragma once

#include <span>
#include <string_view>

namespace waggle::sim {

/// A file of sim/report/page, which the build puts into the program (cmake/embed.cmake).
struct Asset {
  std::string_view name;
  std::string_view text;
};

/// In the order of sim/report/CMakeLists.txt, which is the one that scripts need.
std::span<const Asset> report_assets();

}  // namespace waggle::sim
