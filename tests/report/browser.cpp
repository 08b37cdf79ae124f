#include "tests/report/browser.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "tests/integration/process.hpp"

namespace waggle::report {
namespace {

namespace fs = std::filesystem;
using integration::Finished;
using integration::seconds;

std::string find_chromium() {
  std::istringstream path(std::getenv("PATH") == nullptr ? "/usr/bin" : std::getenv("PATH"));
  for (std::string folder; std::getline(path, folder, ':');) {
    const fs::path program = fs::path(folder) / "chromium";
    if (fs::exists(program)) return program;
  }
  throw std::runtime_error("there is no chromium; scripts/deps.sh --tests installs it");
}

/// A browser without an account, a profile, or a wish to call home.
std::string run_chromium(const fs::path& page, const fs::path& folder, const Look& look,
                         const std::string& screenshot = "") {
  static int runs = 0;
  const fs::path scratch = folder / ("browser-" + std::to_string(++runs));
  fs::create_directories(scratch);
  std::vector<std::string> command = {
      find_chromium(),
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--hide-scrollbars",
      "--force-device-scale-factor=1",
      "--user-data-dir=" + (scratch / "profile").string(),
      "--window-size=" + std::to_string(look.width) + "," + std::to_string(look.height),
      "--dump-dom"};
  if (look.dark) command.push_back("--blink-settings=preferredColorScheme=0");
  if (!screenshot.empty()) command.push_back("--screenshot=" + screenshot);
  command.push_back("file://" + page.string() + look.fragment);
  const Finished done = integration::run(command, scratch, seconds(150));
  if (done.code == 0) return done.out;
  throw std::runtime_error("chromium fails: " + done.err);
}

/// The text of #status in a serialised page.
nlohmann::json status_of(const std::string& dom) {
  const std::size_t at = dom.find("id=\"status\"");
  const std::size_t open = dom.find('>', at);
  const std::size_t close = dom.find("</output>", open);
  if (at == std::string::npos || close == std::string::npos) {
    throw std::runtime_error("the page has no #status");
  }
  std::string text = dom.substr(open + 1, close - open - 1);
  for (const auto& [escaped, plain] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (std::size_t i = 0; (i = text.find(escaped, i)) != std::string::npos; ++i) {
      text.replace(i, std::string_view(escaped).size(), plain);
    }
  }
  if (text.empty()) throw std::runtime_error("the page says nothing in #status");
  return nlohmann::json::parse(text);
}

}  // namespace

std::string open(const fs::path& page, const fs::path& folder) {
  return run_chromium(page, folder, {});
}

nlohmann::json ask(const fs::path& page, const fs::path& folder) {
  return status_of(open(page, folder));
}

Shown show(const fs::path& page, const fs::path& folder, const Look& look) {
  const fs::path file = folder / (page.stem().string() + (look.dark ? "-dark.png" : ".png"));
  const std::string dom = run_chromium(page, folder, look, file);
  return {status_of(dom), read_png(file)};
}

}  // namespace waggle::report
