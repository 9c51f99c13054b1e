// SQLite keeps in memory which locks its process holds, and a child inherits that (core/sqlite/open_files.hpp).
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fork/place.hpp"
#include "tests/fork/process.hpp"

namespace fork_test {
namespace {

using eventsource::Store;

constexpr int kRows = 600;

sqlite3* open_plain(const std::string& path) {
  sqlite3* database = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) std::abort();
  sqlite3_busy_timeout(database, 10'000);
  return database;
}

int run(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
}

int count_rows(const std::string& path) {
  sqlite3* const database = open_plain(path);
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, "SELECT count(*) FROM row", -1, &statement, nullptr);
  const int count = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return count;
}

// What the measure is for: SQLite says OK to each row, and they are gone.
TEST(PlainSqlite, LosesTheRowsOfAChildThatOpensTheFileAgain) {
  const Place place("sqlite");
  const Signal child_writes;
  const Signal parent_closed;
  const std::string ended = in_process([&]() -> std::string {
    sqlite3* const database = open_plain(place.path());
    if (run(database, "PRAGMA journal_mode = WAL; CREATE TABLE row (n)") != SQLITE_OK) return "no table";
    Process child([&]() -> std::string {
      sqlite3* const own = open_plain(place.path());
      if (run(own, "SELECT count(*) FROM row") != SQLITE_OK) return "the child can't read";
      child_writes.give();
      if (!parent_closed.take()) return "no word of the parent";
      for (int i = 0; i < kRows; ++i) {
        if (run(own, "INSERT INTO row VALUES (1)") != SQLITE_OK) return "a row is refused";
      }
      // It ends without closing: every row was acknowledged.
      return "";
    });
    if (!child_writes.take()) return "no word of the child";
    // The last to close, as far as SQLite's locks tell: the log goes.
    sqlite3_close(database);
    parent_closed.give();
    return child.end();
  });
  EXPECT_EQ(ended, "");
  const int rows = count_rows(place.path());
  RecordProperty("lost", kRows - rows);
  EXPECT_LT(rows, kRows) << "SQLite has learned of forks: the measure may go";
}

TEST(Sqlite, LosesNothingOfAChildThatOpensTheStoreAgain) {
  const Place place("sqlite");
  const Acknowledged acknowledged;
  const Signal child_writes;
  const Signal parent_closed;
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(place.url()).value();
              if (std::string wrong = append(store, stream_id(1), acknowledged); !wrong.empty()) return wrong;
              Process child([&]() -> std::string {
                // Never closed: the child ends as if it had been killed.
                const Store& own = *new Store(Store::open(place.url()).value());
                // Its log is open before the parent closes the store.
                if (std::string wrong = append(own, stream_id(2), acknowledged); !wrong.empty()) return wrong;
                child_writes.give();
                if (!parent_closed.take()) return "no word of the parent";
                for (int i = 0; i < kRows; ++i) {
                  if (std::string wrong = append(own, stream_id(2), acknowledged); !wrong.empty()) return wrong;
                }
                return "";
              });
              if (!child_writes.take()) return "no word of the child";
              if (!store.shutdown().ok()) return "the parent's store does not shut down";
              parent_closed.give();
              return child.end();
            }),
            "");
  EXPECT_EQ(acknowledged.count(), std::size_t{kRows} + 2);
  EXPECT_EQ(check_all(place.url(), acknowledged), "");
}

// The other way round: the child comes and goes while the parent writes.
TEST(Sqlite, LosesNothingOfTheParentWhenAChildOpensAndClosesTheStore) {
  const Place place("sqlite");
  const Acknowledged acknowledged;
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store& store = *new Store(Store::open(place.url()).value());
              if (std::string wrong = append(store, stream_id(1), acknowledged); !wrong.empty()) return wrong;
              const std::string child = Process([&]() -> std::string {
                                          const Store own = Store::open(place.url()).value();
                                          std::string wrong = append(own, stream_id(2), acknowledged);
                                          return own.shutdown().ok() ? wrong : "the child's store does not shut down";
                                        }).end();
              if (!child.empty()) return child;
              for (int i = 0; i < kRows; ++i) {
                if (std::string wrong = append(store, stream_id(1), acknowledged); !wrong.empty()) return wrong;
              }
              return "";
            }),
            "");
  EXPECT_EQ(acknowledged.count(), std::size_t{kRows} + 2);
  EXPECT_EQ(check_all(place.url(), acknowledged), "");
}

}  // namespace
}  // namespace fork_test
