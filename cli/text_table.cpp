// Aligning cells.
#include "cli/text_table.hpp"

#include <algorithm>
#include <unistd.h>

#include "cli/terminal.hpp"

namespace eventsource::cli {
namespace {

constexpr std::size_t kRowsKept = 100;
// What the last column has at least, where the others fill the terminal: its line wraps.
constexpr std::size_t kLastColumnLeast = 24;

}  // namespace

TextTable::TextTable(Output& out, std::vector<Column> columns, bool colour, std::size_t width)
    : out_(out), columns_(std::move(columns)), colour_(colour), width_(width) {
  for (const Column& column : columns_) widths_.push_back(columns_of(column.title));
}

void TextTable::row(std::vector<std::string> cells) {
  if (started_) {
    write(cells, false);
    return;
  }
  for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], columns_of(cells[i]));
  kept_.push_back(std::move(cells));
  if (kept_.size() == kRowsKept) write_kept();
}

void TextTable::finish() {
  if (!started_ && !kept_.empty()) write_kept();
}

void TextTable::write_kept() {
  started_ = true;
  std::vector<std::string> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.emplace_back(column.title);
  write(titles, true);
  for (const std::vector<std::string>& cells : kept_) write(cells, false);
  kept_.clear();
}

void TextTable::write(const std::vector<std::string>& cells, bool head) {
  std::string line;
  std::size_t used = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string_view cell = cells[i];
    const bool last = i + 1 == cells.size();
    std::string cut;
    if (last && width_ != 0) {
      const std::size_t room = std::max(width_ > used ? width_ - used : 0, kLastColumnLeast);
      if (columns_of(cell) > room) {
        cut = std::string(first_columns(cell, room - 1)) + "…";
        cell = cut;
      }
    }
    const std::size_t columns = columns_of(cell);
    const std::size_t padding = widths_[i] > columns ? widths_[i] - columns : 0;
    if (columns_[i].right) line.append(padding, ' ');
    line += head ? coloured(colour_, Colour::kBold, cell) : std::string(cell);
    if (last) break;
    if (!columns_[i].right) line.append(padding, ' ');
    line += "  ";
    used += columns + padding + 2;
  }
  out_.line(line);
}

TextTable standard_table(Output& out, std::vector<Column> columns) {
  const std::size_t width = is_terminal(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : 0;
  return {out, std::move(columns), wants_colour(STDOUT_FILENO), width};
}

}  // namespace eventsource::cli
