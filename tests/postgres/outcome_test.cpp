// Connections that break in the middle of an append: the caller is told the truth, whatever reached the server.
#include <gtest/gtest.h>
#include <string>

#include "tests/postgres/race.hpp"
#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"
#include "tests/support/proxy.hpp"

namespace postgres_test {
namespace {

using test_support::Fault;
using test_support::PostgresConnection;
using test_support::PostgresSchema;
using test_support::Proxy;

Batch batch_of(std::uint64_t first_id, std::int64_t expected, std::uint64_t stream = 1) {
  return {.events = {{stream, uuid_of(1, first_id)}, {stream, uuid_of(1, first_id + 1)}}, .expected = expected};
}

class Outcome : public ::testing::Test {
 protected:
  void SetUp() override {
    direct_ = open_store(schema_.url());
    store_ = open_store(proxy_.url(schema_.url()));
    // What the sequence gives is 1 and 2; every connection of the proxy is warm.
    ASSERT_TRUE(append(*store_, batch_of(1, 0)).ok());
  }

  [[nodiscard]] std::int64_t count() const {
    return PostgresConnection(schema_.url()).number("select count(*) from events");
  }
  [[nodiscard]] std::int64_t count_of(std::uint64_t id) const {
    return PostgresConnection(schema_.url())
        .number("select count(*) from events where event_id = '" + format_uuid(uuid_of(1, id)) + "'");
  }

  PostgresSchema schema_;
  Proxy proxy_;
  std::shared_ptr<Store> direct_;
  std::shared_ptr<Store> store_;
};

// How the batch stands in the table: once, as it was acknowledged.
void expect_stored_once(const std::string& url, std::uint64_t id, const AppendResult& result) {
  PostgresConnection connection(url);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string where = " from events where event_id = '" + format_uuid(uuid_of(1, id + i)) + "'";
    EXPECT_EQ(connection.number("select count(*)" + where), 1);
    EXPECT_EQ(connection.number("select version" + where), result.outcome.versions[i]);
    EXPECT_EQ(connection.number("select global_position" + where), result.outcome.positions[i]);
  }
}

// The connection that is to end the lost process vanishes as well, and what comes after it: the process is ended in the end,
// and not waited for.
TEST_F(Outcome, OfConnectionsThatVanishOneAfterTheOtherIsFoundOut) {
  CallOptions options;
  options.timeout_ms = 20'000;
  std::uint64_t id = 10;
  for (const int further : {5, 6, 7, 8}) {
    for (int message = 1, faults = -1; faults != proxy_.faults(); ++message, id += 2) {
      SCOPED_TRACE(std::to_string(message) + " and " + std::to_string(further) + " further");
      faults = proxy_.faults();
      proxy_.break_at(test_support::Break::kVanish, test_support::Direction::kToServer, message, 2, further);
      const auto result = append(*store_, batch_of(id, ES_ANY), options);
      proxy_.release();
      ASSERT_TRUE(result.ok()) << result.error().message();
      expect_stored_once(schema_.url(), id, result.value());
    }
  }
  EXPECT_GT(proxy_.faults(), 20);
}

TEST_F(Outcome, OfALostConnectionIsTheFirstResult) {
  std::uint64_t id = 10;
  for (const Fault fault : {Fault::kLoseAll, Fault::kLoseCommit, Fault::kLoseAnswer, Fault::kLoseEnd, Fault::kCutAtOnce,
                            Fault::kHoldAll, Fault::kHoldCommit}) {
    for (const std::int64_t expected :
         {std::int64_t{ES_ANY}, std::int64_t{ES_STREAM_EXISTS}, version_of(*direct_, 1)}) {
      SCOPED_TRACE(testing::Message() << "fault " << static_cast<int>(fault) << " expected " << expected);
      const int faults = proxy_.faults();
      const std::int64_t exact = expected < 0 ? expected : version_of(*direct_, 1);
      const std::int64_t before = version_of(*direct_, 1);
      proxy_.set(fault);
      const auto result = append(*store_, batch_of(id, exact));
      ASSERT_TRUE(result.ok()) << result.error().message();
      EXPECT_EQ(proxy_.faults(), faults + 1);
      proxy_.release();
      EXPECT_EQ(version_of(*direct_, 1), before + 2);
      EXPECT_EQ(result.value().outcome.versions, (std::vector<std::int64_t>{before + 1, before + 2}));
      expect_stored_once(schema_.url(), id, result.value());
      id += 10;
    }
  }
}

TEST_F(Outcome, OfSeveralLostConnectionsIsTheFirstResult) {
  proxy_.set(Fault::kLoseAnswer, 3);
  const auto result = append(*store_, batch_of(10, 2));
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(proxy_.faults(), 3);
  expect_stored_once(schema_.url(), 10, result.value());
  EXPECT_EQ(count(), 4);
}

TEST_F(Outcome, IsUnknownWhereTheServerIsGone) {
  for (const Fault fault : {Fault::kLoseAll, Fault::kLoseAnswer}) {
    const std::uint64_t id = 10 * (1 + static_cast<std::uint64_t>(fault));
    proxy_.set(fault);
    proxy_.refuse_after_fault();
    CallOptions options;
    options.timeout_ms = 300;
    const auto result = append(*store_, batch_of(id, ES_ANY), options);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ES_UNAVAILABLE) << result.error().message();
    EXPECT_EQ(result.error().outcome(), ES_OUTCOME_UNKNOWN);
    EXPECT_EQ(result.error().message().find("nothing was written"), std::string::npos) << result.error().message();
    EXPECT_NE(result.error().message().find("append the same events again"), std::string::npos)
        << result.error().message();
    proxy_.let_in();
    // The same batch again, as the message says.
    const auto again = append(*store_, batch_of(id, ES_ANY));
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(again.value().outcome.known[0], fault == Fault::kLoseAnswer ? 1 : 0);
    expect_stored_once(schema_.url(), id, again.value());
  }
}

// What the network still holds must not happen after the caller was told that it did not.
TEST_F(Outcome, OfARefusedBatchIsFinal) {
  struct Case {
    const char* what;
    std::int64_t expected;
  };
  std::uint64_t stream = 2;
  for (const Case& how :
       {Case{"the stream is made later", ES_STREAM_EXISTS}, Case{"the version is reached later", 2}}) {
    SCOPED_TRACE(how.what);
    const std::uint64_t id = 100 * stream;
    proxy_.set(Fault::kHoldAll);
    const auto refused = append(*store_, batch_of(id, how.expected, stream));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ES_VERSION_CONFLICT) << refused.error().message();
    EXPECT_EQ(refused.error().outcome(), ES_OUTCOME_NOT_APPLIED);
    ASSERT_TRUE(append(*direct_, batch_of(id + 50, 0, stream)).ok());
    proxy_.release();
    EXPECT_EQ(count_of(id), 0);
    EXPECT_EQ(version_of(*direct_, stream), 2);
    ++stream;
  }
}

// The server passes over a COMMIT after an error: so whoever has seen the error knows, whatever is lost afterwards.
TEST_F(Outcome, OfAnErrorThatWasAnsweredIsKnown) {
  proxy_.disguise();
  const auto store = open_store(proxy_.url(schema_.role_url()));
  PostgresConnection(schema_.url()).run("alter table events add constraint at_most check (version <= 2)");
  proxy_.set(Fault::kLoseEnd);
  const auto refused = append(*store, batch_of(10, 2));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(proxy_.faults(), 1);
  EXPECT_EQ(refused.error().code(), ES_CONSTRAINT) << refused.error().message();
  EXPECT_EQ(refused.error().outcome(), ES_OUTCOME_NOT_APPLIED) << refused.error().message();
  EXPECT_EQ(count_of(10), 0);
}

// Behind a pooler it can't be told which of the server's processes has the rest.
TEST_F(Outcome, OfARefusalBehindAPoolerIsUnknownIfItMayChange) {
  proxy_.disguise();
  const auto store = open_store(proxy_.url(schema_.role_url()));
  struct Case {
    std::int64_t expected;
    bool is_known;
  };
  std::uint64_t stream = 2;
  for (const Case& how : {Case{ES_STREAM_EXISTS, false}, Case{2, false}, Case{0, true}}) {
    SCOPED_TRACE(how.expected);
    const std::uint64_t id = 100 * stream;
    if (how.is_known) {
      ASSERT_TRUE(append(*direct_, batch_of(id + 50, 0, stream)).ok());
    }
    proxy_.set(Fault::kHoldAll);
    const auto refused = append(*store, batch_of(id, how.expected, stream));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), how.is_known ? ES_VERSION_CONFLICT : ES_UNAVAILABLE);
    EXPECT_EQ(refused.error().outcome(), how.is_known ? ES_OUTCOME_NOT_APPLIED : ES_OUTCOME_UNKNOWN);
    if (!how.is_known) {
      ASSERT_TRUE(append(*direct_, batch_of(id + 50, 0, stream)).ok());
    }
    proxy_.release();
    EXPECT_EQ(count_of(id), how.is_known ? 0 : 1);
    ++stream;
  }
}

TEST_F(Outcome, OfABatchWhoseLocksAreHeldIsNotWaitedFor) {
  proxy_.set(Fault::kHoldCommit);
  CallOptions options;
  options.timeout_ms = 20'000;
  const auto result = append(*store_, batch_of(10, ES_ANY), options);
  ASSERT_TRUE(result.ok()) << result.error().message();
  expect_stored_once(schema_.url(), 10, result.value());
}

// The naive ways, to see that the proxy catches them.
class Naive {
 public:
  explicit Naive(std::string url) : url_(std::move(url)) {}

  // Whether it was acknowledged.
  [[nodiscard]] bool insert(std::uint64_t id) const {
    const std::string event = format_uuid(uuid_of(1, id));
    const std::string aggregate = format_uuid(stream_of(9).aggregate_id);
    return PostgresConnection(url_).failure(
               "begin; insert into events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, "
               "payload, created_at) select '" +
               event + "', '" + aggregate + "', 'Account', 'Raced', coalesce(max(version), 0) + 1, now(), " +
               "'{}', now() from events where aggregate_id = '" + aggregate + "'; commit") == "";
  }
  [[nodiscard]] bool is_there(std::uint64_t id) const {
    return PostgresConnection(url_).number("select count(*) from events where event_id = '" +
                                           format_uuid(uuid_of(1, id)) + "'") > 0;
  }

 private:
  std::string url_;
};

TEST_F(Outcome, IsWrongForWhoTriesAgainWithNewIds) {
  const Naive naive(proxy_.url(schema_.url()));
  const std::int64_t before = count();
  proxy_.set(Fault::kLoseAnswer);
  EXPECT_FALSE(naive.insert(10));
  EXPECT_TRUE(naive.insert(11));
  EXPECT_EQ(count(), before + 2) << "one append was acknowledged: the other should have been stored without a word";
}

TEST_F(Outcome, IsWrongForWhoOnlyLooks) {
  const Naive naive(proxy_.url(schema_.url()));
  proxy_.set(Fault::kHoldAll);
  EXPECT_FALSE(naive.insert(10));
  EXPECT_FALSE(naive.is_there(10));
  proxy_.release();
  EXPECT_TRUE(naive.is_there(10)) << "it should have been stored after the look";
}

}  // namespace
}  // namespace postgres_test
