#include "smr/bin/waggle/output.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace waggle::cli {
namespace {

bool is_numeric(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.-+") == std::string::npos;
}

bool is_utf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

void print_json(const nlohmann::json& value) {
  std::puts(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

std::string shown(ByteView bytes) {
  const bool utf8 = is_utf8(std::string(as_text(bytes)));
  std::string text;
  for (const std::uint8_t byte : bytes) {
    const bool printable = byte >= 0x80 ? utf8 : std::isprint(byte) != 0 && byte != '\\';
    if (printable)
      text += static_cast<char>(byte);
    else
      text += fmt::format("\\x{:02x}", byte);
  }
  return text;
}

void set_bytes(nlohmann::json& object, const std::string& name, ByteView bytes) {
  std::string text(as_text(bytes));
  if (is_utf8(text))
    object[name] = std::move(text);
  else
    object[name + "_hex"] = to_hex(bytes);
}

std::string shown(std::chrono::microseconds span) {
  const auto us = static_cast<double>(span.count());
  return us < 1e6 ? fmt::format("{:.1f} ms", us / 1e3) : fmt::format("{:.1f} s", us / 1e6);
}

void Table::print() const {
  std::vector<std::size_t> widths(rows_.front().size());
  std::vector<bool> numeric(widths.size(), rows_.size() > 1);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t c = 0; c < widths.size(); ++c) {
      widths[c] = std::max(widths[c], rows_[i][c].size());
      const bool blank = rows_[i][c] == "-" || rows_[i][c].empty();
      if (i > 0 && !blank && !is_numeric(rows_[i][c])) numeric[c] = false;
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) line += "  ";
      line += numeric[c] ? fmt::format("{:>{}}", row[c], widths[c])
                         : fmt::format("{:<{}}", row[c], widths[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::puts(line.c_str());
  }
}

ProgressBar::ProgressBar(std::size_t total)
    : total_(total), terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

void ProgressBar::show(std::size_t done) {
  if (!terminal_ || total_ == 0) return;
  constexpr std::size_t kWidth = 40;
  const std::size_t filled = done * kWidth / total_;
  const std::string bar = std::string(filled, '#') + std::string(kWidth - filled, '.');
  fmt::print(stderr, "\r[{}] {}/{}", bar, done, total_);
  std::fflush(stderr);
}

}  // namespace waggle::cli
