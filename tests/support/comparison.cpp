#include "tests/support/comparison.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

#include "tests/support/postgres_connection.hpp"

namespace test_support {

void Comparison::see_row(const std::string& id, const std::string& stream, Row row, std::int64_t document_version) {
  const std::string what = "event " + id + " of stream " + stream;
  if (!rows_.emplace(id, row).second) find("double: " + what + " is there twice");
  if (document_version != row.version) find("document: " + what + " has another version");
  Row& last = last_[stream];
  if (row.version == last.version) find("double: two of version " + std::to_string(row.version) + ", " + what);
  if (row.version > last.version + 1) find("hole: none of the version before " + what);
  if (row.position <= last.position) find("inversion: the position of " + what + " is before its forerunner's");
  last = row;
  streams_[stream].emplace(row.version, id);
}

void Comparison::see_table(const std::string& url, const std::string& table) {
  PostgresConnection connection(url);
  const std::string sql =
      "select event_id, aggregate_type || ' ' || aggregate_id, global_position, version, "
      "payload->>'aggregate_version' from " +
      table + " order by aggregate_type, aggregate_id, version, global_position";
  const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection.handle(), sql.c_str()), PQclear);
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.handle()));
  const auto number = [&rows](int row, int column) { return std::atoll(PQgetvalue(rows.get(), row, column)); };
  for (int i = 0; i < PQntuples(rows.get()); ++i) {
    see_row(PQgetvalue(rows.get(), i, 0), PQgetvalue(rows.get(), i, 1), {number(i, 2), number(i, 3)}, number(i, 4));
  }
}

void Comparison::see_stored(const std::string& id, Row told) {
  told_.insert(id);
  const auto row = rows_.find(id);
  if (row == rows_.end()) {
    find("lost: event " + id + " was acknowledged and is not there");
  } else if (row->second.version != told.version || row->second.position != told.position) {
    find("wrong acknowledgement: of event " + id);
  }
}

void Comparison::see_refused(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (rows_.contains(id)) find("wrong refusal: event " + id + " is there");
  }
}

void Comparison::see_conflict(const std::vector<std::string>& ids, const std::string& stream, std::int64_t expected,
                              std::int64_t actual) {
  see_refused(ids);
  const std::string what = "of event " + ids.front() + ", which expected version " + std::to_string(expected);
  if (actual <= expected) find("wrong conflict: " + what + " and found " + std::to_string(actual));
  if (!streams_[stream].contains(actual)) find("wrong conflict: " + what + ": there is no " + std::to_string(actual));
}

void Comparison::see_unknown(const std::vector<std::string>& ids) {
  const auto there = std::ranges::count_if(ids, [this](const std::string& id) { return rows_.contains(id); });
  if (there != 0 && there != std::ssize(ids)) find("torn: a part of the append of event " + ids.front() + " is there");
  told_.insert(ids.begin(), ids.end());
}

std::vector<std::string> Comparison::finish() {
  for (const auto& [id, row] : rows_) {
    if (!told_.contains(id)) find("untold: event " + id + " is there, and nobody was told");
  }
  return std::move(found_);
}

}  // namespace test_support
