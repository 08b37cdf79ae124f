#pragma once

#include <string>
#include <vector>

namespace waggle::sim {

/// Rows of text under named columns. A value, written as CSV or Markdown.
class Table {
 public:
  Table() = default;
  explicit Table(std::vector<std::string> columns, std::string caption = "")
      : columns_(std::move(columns)), caption_(std::move(caption)) {}

  /// As many values as there are columns.
  void add(std::vector<std::string> row);
  const std::vector<std::string>& columns() const noexcept { return columns_; }
  const std::vector<std::vector<std::string>>& rows() const noexcept { return rows_; }
  const std::string& caption() const noexcept { return caption_; }

  std::string csv() const;
  std::string markdown() const;

 private:
  std::vector<std::string> columns_;
  std::string caption_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace waggle::sim
