// What most programs do when a connection breaks, seen by the same comparison as the engine: it finds them wanting.
#include <algorithm>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <memory>
#include <string>

#include "tests/started/caller.hpp"
#include "tests/started/place.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/proxy.hpp"

namespace started_test {
namespace {

using test_support::Break;
using test_support::Comparison;
using test_support::Direction;
using test_support::PostgresConnection;

Id id_of(int number) {
  Id id{0xE5};
  id[14] = static_cast<std::uint8_t>(number >> 8);
  id[15] = static_cast<std::uint8_t>(number);
  return id;
}

// Inserts one event a transaction into a table without unique keys.
class NaiveClient {
 public:
  explicit NaiveClient(std::string url) : url_(std::move(url)) { connect(); }

  void connect() { connection_ = {PQconnectdb(url_.c_str()), PQfinish}; }

  // False when it was told of an error.
  bool append(const Id& id, test_support::Row& told) {
    const std::string stream = text_of(id_of(0).data());
    const std::string sql =
        "insert into naive (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, payload) "
        "select '" +
        text_of(id.data()) + "', '" + stream +
        "', 'Account', 'Moved', v, now(), json_build_object('aggregate_version', v) " +
        "from (select coalesce(max(version), 0) + 1 as v from naive) s returning version, global_position";
    const std::unique_ptr<PGresult, decltype(&PQclear)> rows(PQexec(connection_.get(), sql.c_str()), PQclear);
    if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) return false;
    told = {std::atoll(PQgetvalue(rows.get(), 0, 1)), std::atoll(PQgetvalue(rows.get(), 0, 0))};
    return true;
  }

 private:
  std::string url_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, PQfinish};
};

class Naive : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!Place::is_there("postgresql")) GTEST_SKIP() << "no server";
    es_store* store = place_.open();
    es_store_close(&store);
    PostgresConnection(place_.url()).run("create table naive (like events including defaults including identity)");
  }

  Place place_{"postgresql"};
  test_support::Proxy proxy_;
};

TEST_P(Naive, ClientsAreFoundWanting) {
  const bool retries = GetParam();
  NaiveClient client(proxy_.url(place_.url()));
  struct Told {
    Id id;
    bool is_stored;
    test_support::Row row;
  };
  std::vector<Told> told;
  for (int message = 1; proxy_.faults() == message - 1; ++message) {
    proxy_.break_at(Break::kCut, Direction::kToClient, message);
    Told& one = told.emplace_back(Told{id_of(message), false, {}});
    one.is_stored = client.append(one.id, one.row);
    if (one.is_stored) continue;
    client.connect();
    if (retries) one.is_stored = client.append(one.id, one.row);
  }
  proxy_.release();
  Comparison comparison;
  comparison.see_table(place_.url(), "naive");
  for (const Told& one : told) {
    if (one.is_stored) {
      comparison.see_stored(text_of(one.id.data()), one.row);
    } else {
      comparison.see_refused({text_of(one.id.data())});
    }
  }
  const std::vector<std::string> found = comparison.finish();
  const std::string wanted = retries ? "is there twice" : "wrong refusal";
  EXPECT_TRUE(std::ranges::any_of(found, [&](const std::string& defect) {
    return defect.find(wanted) != std::string::npos;
  })) << found.size();
}

INSTANTIATE_TEST_SUITE_P(Who, Naive, testing::Bool(), [](const auto& retries) {
  return retries.param ? "TryAgainWithoutLooking" : "TakeAnErrorForARefusal";
});

}  // namespace
}  // namespace started_test
