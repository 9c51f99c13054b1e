// Compares a table of events with what its writers were told. One sentence a defect, none when all is well: no hole and no
// double among the versions of a stream, no id twice, positions that rise with the versions, documents that have the version of
// their row, every answer as the table has it, and nothing stored that nobody was told of. Used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace test_support {

struct Row {
  std::int64_t position = 0;
  std::int64_t version = 0;
};

class Comparison {
 public:
  // ---- First the table, row by row: the streams in any order, the rows of one by version and position. ----

  void see_row(const std::string& id, const std::string& stream, Row row, std::int64_t document_version);
  // Every row of a table on PostgreSQL. Throws std::runtime_error.
  void see_table(const std::string& url, const std::string& table = "events");

  // ---- Then what was told. ----

  // An event that was acknowledged.
  void see_stored(const std::string& id, Row told);
  // Events of an append that was refused: none of them is there.
  void see_refused(const std::vector<std::string>& ids);
  // Refused because the stream was past the version that it expected, at `actual`: that version is another append's.
  void see_conflict(const std::vector<std::string>& ids, const std::string& stream, std::int64_t expected,
                    std::int64_t actual);
  // Events of an append of which nothing is known: all of them are there, or none.
  void see_unknown(const std::vector<std::string>& ids);

  [[nodiscard]] std::vector<std::string> finish();

 private:
  void find(const std::string& defect) { found_.push_back(defect); }

  std::map<std::string, Row> rows_;
  std::map<std::string, Row> last_;  // by stream
  std::map<std::string, std::map<std::int64_t, std::string>> streams_;
  std::set<std::string> told_;
  std::vector<std::string> found_;
};

}  // namespace test_support
