// Servers that can't be reached, do not answer, or refuse: what an open says, and how long it takes.
#include <chrono>
#include <future>
#include <thread>

#include "tests/postgres_errors/port.hpp"
#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

using namespace std::chrono_literals;

std::string url_of(const Port& port, const std::string& query = "") {
  return "postgresql://ann:" + std::string(kSecret) + "@127.0.0.1:" + std::to_string(port.number()) + "/orders" + query;
}

Result<Store> open(const std::string& url, const Call& call = {}) {
  return Store::open(url, {}, call);
}

TEST(Unreachable, NobodyListens) {
  const Port port(Answer::kRefusal);
  expect_failure(
      open(url_of(port)),
      {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"Connection refused", "127.0.0.1", "Check host and port"}});
}

TEST(Unreachable, NoSuchSocket) {
  expect_failure(open("postgresql://ann:" + std::string(kSecret) + "@/orders?host=/SSL/certificate"),
                 {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"No such file", "/SSL/certificate"}});
}

TEST(Unreachable, AHostThatDoesNotResolve) {
  expect_failure(open("postgresql://ann:" + std::string(kSecret) + "@nowhere.invalid/orders"),
                 {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"nowhere.invalid", "Check host and port"}});
}

TEST(Silent, TheCallsTimeEndsTheWait) {
  const Port port(Answer::kSilence);
  expect_failure(open(url_of(port), {.timeout = 150ms}),
                 {ES_TIMEOUT, "", true, Outcome::kNotApplied, {"150 ms", "127.0.0.1", "not answered"}});
}

TEST(Silent, ConnectTimeoutEndsTheWait) {
  const Port port(Answer::kSilence);
  for (const auto timeout : {0ms, 60'000ms}) {
    const auto start = std::chrono::steady_clock::now();
    expect_failure(open(url_of(port, "?connect_timeout=1"), {.timeout = timeout}),
                   {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"did not answer in time", "connect_timeout"}});
    EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
  }
}

TEST(Silent, ACancelEndsTheWait) {
  const Port port(Answer::kSilence);
  const Cancel cancel = Cancel::create().value();
  const Call call{.cancel = cancel};
  auto opened = std::async(std::launch::async, [&] { return open(url_of(port, "?connect_timeout=0"), call); });
  port.await_connection();
  cancel.fire();
  expect_failure(opened.get(), {ES_CANCELLED, "", false, Outcome::kNotApplied, {"cancelled"}});
}

// Somebody else answers: no server, or one that hangs up.
TEST(Unreachable, SomethingElseAnswers) {
  const Port port(Answer::kSilence);
  for (const std::string_view answer : {"", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
    auto serve = std::async(std::launch::async, [&] { port.answer(answer); });
    expect_failure(open(url_of(port, "?sslmode=disable&gssencmode=disable")),
                   {ES_UNAVAILABLE, "", true, Outcome::kNotApplied, {"Check host and port"}});
    serve.get();
  }
}

// One server for the refusals.
class Refusal : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new PostgresServer(
        {.conf = {"max_connections=6", "superuser_reserved_connections=1", "fsync=off"},
         .hba = {"host all unwanted 127.0.0.1/32 reject", "host all passwordless 127.0.0.1/32 trust"}});
    admin_ = new PostgresConnection(server_->url());
    admin_->run(
        "create role unwanted login; create role passwordless login connection limit 1; create role barred nologin; "
        "create role guest login");
  }
  static void TearDownTestSuite() {
    delete admin_;
    delete server_;
  }

  static std::string url(const std::string& user, const std::string& password = std::string(kSecret),
                         const std::string& database = "postgres") {
    return server_->tcp_url(password, database, user);
  }
  void TearDown() override {
    await("all connections are closed", [] {
      return admin_->number("select count(*) from pg_stat_activity where application_name = 'eventsource'") == 0;
    });
    EXPECT_EQ(admin_->run("select to_regclass('events')"), "");
  }

  static inline PostgresServer* server_ = nullptr;
  static inline PostgresConnection* admin_ = nullptr;
};

TEST_F(Refusal, AWrongPassword) {
  expect_failure(open(url("postgres")), {ES_ACCESS_DENIED,
                                         "28P01",
                                         false,
                                         Outcome::kNotApplied,
                                         {"password authentication failed", "\"postgres\"", "Check user, password"}});
}

TEST_F(Refusal, NoPassword) {
  expect_failure(
      open("postgresql://postgres@127.0.0.1:" + std::to_string(server_->port()) + "/postgres?passfile=/none"),
      {ES_ACCESS_DENIED, "", false, Outcome::kNotApplied, {"wants a password", "PGPASSWORD"}});
}

TEST_F(Refusal, ThroughPgHba) {
  expect_failure(
      open(url("unwanted")),
      {ES_ACCESS_DENIED, "28000", false, Outcome::kNotApplied, {"pg_hba.conf rejects", "\"unwanted\"", "pg_hba.conf"}});
}

TEST_F(Refusal, NoSuchRole) {
  expect_failure(open(server_->url("postgres", "nobody_knows")),
                 {ES_ACCESS_DENIED, "28000", false, Outcome::kNotApplied, {"nobody_knows", "does not exist"}});
}

TEST_F(Refusal, ARoleThatMayNotLogIn) {
  expect_failure(open(server_->url("postgres", "barred")),
                 {ES_ACCESS_DENIED, "28000", false, Outcome::kNotApplied, {"barred", "not permitted to log in"}});
}

TEST_F(Refusal, NoSuchDatabase) {
  expect_failure(open(url("postgres", server_->password(), "no_such")),
                 {ES_STORE_NOT_FOUND, "3D000", false, Outcome::kNotApplied, {"\"no_such\"", "Make the database"}});
}

TEST_F(Refusal, TheLimitOfARole) {
  const PostgresConnection first(server_->url("postgres", "passwordless"));
  expect_failure(open(url("passwordless")),
                 {ES_UNAVAILABLE, "53300", true, Outcome::kNotApplied, {"too many connections", "try again later"}});
}

TEST_F(Refusal, TheLimitOfTheServer) {
  std::vector<std::unique_ptr<PostgresConnection>> all;
  for (int i = 0; i < 4; ++i) all.push_back(std::make_unique<PostgresConnection>(server_->url("postgres", "guest")));
  expect_failure(open(server_->url("postgres", "guest")),
                 {ES_UNAVAILABLE, "53300", true, Outcome::kNotApplied, {"connection", "try again later"}});
}

TEST_F(Refusal, NoTlsWhereItIsRequired) {
  expect_failure(open(url("postgres", server_->password()) + "?sslmode=require"),
                 {ES_ACCESS_DENIED, "", false, Outcome::kNotApplied, {"does not support SSL", "sslmode"}});
}

}  // namespace
}  // namespace eventsource::test
