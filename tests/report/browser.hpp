#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/report/image.hpp"

namespace waggle::report {

/// Opens a page and returns the elements that are there once it is loaded.
/// `folder` takes Chromium's files. Throws if there is no Chromium.
std::string open(const std::filesystem::path& page, const std::filesystem::path& folder);
/// The same; only what the page says of itself in #status. Throws if it says nothing.
nlohmann::json ask(const std::filesystem::path& page, const std::filesystem::path& folder);

/// How a page is looked at.
struct Look {
  int width = 1280;
  int height = 800;
  bool dark = false;
  std::string fragment;  ///< Behind the page's address: "#from=0&to=1000".
};

/// What is seen then.
struct Shown {
  nlohmann::json status;
  Image image;
};
Shown show(const std::filesystem::path& page, const std::filesystem::path& folder,
           const Look& look = {});

}  // namespace waggle::report
