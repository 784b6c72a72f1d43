// Rows of text as aligned columns for a terminal. Not thread-safe; widths count UTF-8 characters.
#pragma once

#include <string>
#include <vector>

namespace missive::console {

class TextTable {
 public:
  using Row = std::vector<std::string>;

  // The head stands above the rows; none when it is empty.
  explicit TextTable(Row head) : head_(std::move(head)) {}

  // A row may be shorter than others, not longer than the head if there is one.
  void add(Row row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // Lines with their ends, two blanks between columns, none at the end.
  std::string str() const;

 private:
  Row head_;
  std::vector<Row> rows_;
};

}  // namespace missive::console
