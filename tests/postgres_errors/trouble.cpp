#include "tests/postgres_errors/trouble.hpp"

#include <chrono>
#include <thread>

namespace eventsource::test {
namespace {

constexpr std::string_view kUser = "//postgres@";

}  // namespace

void check_error(const Error& error, const Expected& expected) {
  const std::string message(error.message());
  EXPECT_STREQ(error.name(), es_status_name(expected.code)) << message;
  EXPECT_EQ(error.sqlstate(), expected.sqlstate) << message;
  EXPECT_EQ(error.retryable(), expected.retryable) << message;
  EXPECT_EQ(error.outcome(), expected.outcome) << message;
  EXPECT_NE(message.find("postgresql://"), std::string::npos) << "it does not say which store: " << message;
  for (const std::string& word : expected.words) {
    EXPECT_NE(message.find(word), std::string::npos) << "no \"" << word << "\" in: " << message;
  }
  if (error.outcome() == Outcome::kUnknown) {
    EXPECT_EQ(message.find("nothing was written"), std::string::npos) << message;
  }
  EXPECT_EQ(message.find(kSecret), std::string::npos) << message;
  EXPECT_EQ(message.find("only-in-tests"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

std::string as_user(const std::string& url, const std::string& user) {
  std::string other = url;
  return other.replace(other.find(kUser), kUser.size(), "//" + user + "@");
}

void await(const char* what, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "it never came: " << what;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void await_connections(PostgresConnection& admin, const std::string& application, int count,
                       const std::string& condition) {
  await(condition.c_str(), [&] {
    // What is seen of the others stays the same in a transaction.
    return admin.number(
               "select pg_stat_clear_snapshot(); select count(*) from pg_stat_activity where application_name = '" +
               application + "' and (" + condition + ")") == count;
  });
}

Uuid numbered(std::uint32_t n) {
  Uuid id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

Result<AppendResult> append_one(const Store& store, std::uint32_t n, const Call& call) {
  Append append;
  append.stream("Thing", numbered(n), ExpectedVersion::any());
  append.event("Counted", "{\"n\":" + std::to_string(n) + "}").event_id(numbered(n));
  return store.append(append, call);
}

Result<AppendResult> append_many(const Store& store, std::uint32_t first, std::uint32_t last, std::uint32_t streams,
                                 const Call& call) {
  Append append;
  for (std::uint32_t n = first; n <= last; ++n) {
    // The larger id comes first: neither ids nor streams are in the order of the events.
    append.stream("Thing", numbered(1'000'000 - n % streams), ExpectedVersion::any());
    append.event("Counted", "{\"n\":" + std::to_string(n) + "}").event_id(numbered(n));
  }
  return store.append(append, call);
}

StoreTest::StoreTest() : sql_(schema_.url()) {}

void StoreTest::TearDown() {
  await_connections(sql_, name(), 0);
  if (has_role_) sql_.run("drop owned by " + role() + "; drop role " + role());
}

std::string StoreTest::url() const {
  return with_parameter(schema_.url(), "application_name", name());
}

std::string StoreTest::role_url() {
  if (!has_role_) {
    sql_.run("create role " + role() + " login; grant usage on schema " + name() + " to " + role());
    has_role_ = true;
  }
  return as_user(url(), role());
}

void StoreTest::make_tables() {
  ASSERT_TRUE(Store::open(url()).ok());
}

void StoreTest::expect_no_open(const Expected& expected, const Options& options) {
  expect_failure(Store::open(url(), options), expected);
}

}  // namespace eventsource::test
