#include "tests/started/report.hpp"

#include <sstream>

namespace started_test {

void Report::read(std::string_view text) {
  rest_ += text;
  for (std::size_t end = 0; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1)) {
    read_line(rest_.substr(0, end));
  }
}

void Report::read_line(const std::string& line) {
  std::istringstream words(line);
  std::string what;
  std::string id;
  words >> what;
  if (what == "started") {
    started_.emplace_back();
    while (words >> id) started_.back().push_back(id);
  } else {
    test_support::Row row;
    while (words >> id >> row.version >> row.position) stored_[id] = row;
  }
}

void Report::tell(test_support::Comparison& comparison) const {
  for (const auto& [id, row] : stored_) comparison.see_stored(id, row);
  for (const auto& ids : started_) comparison.see_unknown(ids);
}

}  // namespace started_test
