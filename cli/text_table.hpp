// A table for people: aligned columns, a bold head, the last column cut to the terminal.
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"

namespace eventsource::cli {

struct Column {
  std::string_view title;
  bool right = false;  // aligned to the right
};

class TextTable {
 public:
  // Rows go to `out`, in colour and cut to `width` columns when that is not 0.
  TextTable(Output& out, std::vector<Column> columns, bool colour, std::size_t width);

  // Adds a row: one cell a column, without control characters. The first rows are kept back, so that the columns get
  // their widths from them; a longer cell later pushes the rest of its row to the right.
  void row(std::vector<std::string> cells);

  // Writes what is kept back. A table without a row writes nothing.
  void finish();

 private:
  void write_kept();
  void write(const std::vector<std::string>& cells, bool head);

  Output& out_;
  std::vector<Column> columns_;
  bool colour_;
  std::size_t width_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> kept_;
  bool started_ = false;
};

// The table that standard output gets: in colour and cut on a terminal, plain and whole elsewhere.
TextTable standard_table(Output& out, std::vector<Column> columns);

}  // namespace eventsource::cli
