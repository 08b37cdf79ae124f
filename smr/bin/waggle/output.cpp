#include "smr/bin/waggle/output.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace waggle::cli {
namespace {

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
  std::vector<std::size_t> widths;
  std::vector<std::string> header;
  for (const Column& column : columns_) {
    header.push_back(column.name);
    widths.push_back(column.name.size());
  }
  for (const auto& row : rows_) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) line += "  ";
      line += columns_[c].number ? fmt::format("{:>{}}", row[c], widths[c])
                                 : fmt::format("{:<{}}", row[c], widths[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::puts(line.c_str());
  };
  print_row(header);
  for (const auto& row : rows_) print_row(row);
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
