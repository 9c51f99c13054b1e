// What a caller reported (Caller::report_to), read by somebody else: a parent, or a test that looks back at an earlier moment.
// Used by one thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/comparison.hpp"

namespace started_test {

class Report {
 public:
  // More of the text; the end of a line may be still to come.
  void read(std::string_view text);

  // Events that were acknowledged.
  [[nodiscard]] std::size_t stored() const { return stored_.size(); }

  // What is acknowledged is there, the rest as a whole or not at all.
  void tell(test_support::Comparison& comparison) const;

 private:
  void read_line(const std::string& line);

  std::string rest_;
  std::vector<std::vector<std::string>> started_;    // ids of each append
  std::map<std::string, test_support::Row> stored_;  // by id
};

}  // namespace started_test
