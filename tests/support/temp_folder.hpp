#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace waggle {

/// A new folder for one test, among the system's temporary files; no other test that runs meanwhile
/// has the same. It goes with the object.
class TempFolder {
 public:
  /// Throws if none can be made.
  TempFolder() {
    // mkdtemp puts its own choice where the six X stand.
    std::string name = (std::filesystem::temp_directory_path() / "waggle-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), name);
    }
    path_ = std::move(name);
  }
  ~TempFolder() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }
  /// It stays when the object goes: for a person to look into.
  void keep() noexcept { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace waggle
