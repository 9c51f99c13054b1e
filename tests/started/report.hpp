// What a caller reported (Caller::report_to), read by somebody else: a parent, or a test that looks back at an earlier moment.
// Used by one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <random>
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
  // Lines that were just this word.
  [[nodiscard]] int count(const std::string& word) const {
    const auto found = words_.find(word);
    return found == words_.end() ? 0 : found->second;
  }

  // What is acknowledged is there, the rest as a whole or not at all.
  void tell(test_support::Comparison& comparison) const;

 private:
  void read_line(const std::string& line);

  std::string rest_;
  std::map<std::string, int> words_;
  std::vector<std::vector<std::string>> started_;    // ids of each append
  std::map<std::string, test_support::Row> stored_;  // by id
};

// Opens the store of an SQLite file or of a PostgreSQL server again, and says what is wrong with it beside the report. "" when
// nothing is; otherwise the beginning.
[[nodiscard]] std::string defects(const std::string& url, const Report& report);

// Runs `work` in a process of its own, which reports to a descriptor, and kills it a little after it has told of `more` more
// events. What went wrong, "" when nothing did. Not while other threads run.
[[nodiscard]] std::string kill_after(std::size_t more, const std::function<void(int report)>& work, Report& report,
                                     std::mt19937& random);

}  // namespace started_test
