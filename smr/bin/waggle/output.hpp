#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "consensus/core/bytes.hpp"

/// How things are shown.
namespace waggle::cli {

/// One line of JSON on standard output.
void print_json(const nlohmann::json& value);

/// Printable text as it is, other bytes and backslashes as \xNN.
std::string shown(ByteView bytes);
/// Sets name, or name_hex if the bytes are not UTF-8.
void set_bytes(nlohmann::json& object, const std::string& name, ByteView bytes);

/// "2.1 ms", "3.4 s".
std::string shown(std::chrono::microseconds span);

/// Rows with aligned columns, two spaces apart.
class Table {
 public:
  struct Column {
    std::string name;
    bool number = false;  ///< Aligned to the right.
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// A line on a terminal that is drawn over and over; silent when standard error is none.
class ProgressBar {
 public:
  explicit ProgressBar(std::size_t total);
  ~ProgressBar();  ///< Wipes the line.
  void show(std::size_t done);

 private:
  std::size_t total_;
  bool terminal_;
};

}  // namespace waggle::cli
