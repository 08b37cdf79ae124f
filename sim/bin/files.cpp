#include "sim/bin/files.hpp"

#include <filesystem>
#include <fstream>

#include "sim/bin/cli.hpp"

namespace waggle::sim {

void save_file(const std::string& path, const std::string& text) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Failure(kBadInput, path + ": cannot be written");
}

}  // namespace waggle::sim
