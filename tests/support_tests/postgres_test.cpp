// The servers, databases and schemas that the tests are given: empty, apart from each other, and gone afterwards.
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>

#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"
#include "tests/support/postgres_server.hpp"

namespace test_support {
namespace {

TEST(PostgresSchema, IsWhereTablesGo) {
  const PostgresSchema one;
  const PostgresSchema two;
  PostgresConnection(one.url()).run("create table t (n int)");
  EXPECT_EQ(PostgresConnection(one.url()).failure("select * from t"), "");
  EXPECT_EQ(PostgresConnection(two.url()).failure("select * from t"), "42P01");
}

TEST(PostgresSchema, RunsItsSql) {
  const PostgresSchema schema("create table t (n int); insert into t values (7)");
  EXPECT_EQ(PostgresConnection(schema.url()).number("select n from t"), 7);
}

TEST(PostgresSchema, IsDroppedWithWhatIsInIt) {
  auto schema = std::make_unique<PostgresSchema>("create table t (n int)");
  const std::string exists = "select count(*) from pg_namespace where nspname = '" + schema->name() + "'";
  PostgresConnection connection(test_server_url());
  EXPECT_EQ(connection.number(exists), 1);
  schema.reset();
  EXPECT_EQ(connection.number(exists), 0);
}

TEST(PostgresSchema, IsDroppedAfterAllConnectionsWereEnded) {
  auto schema = std::make_unique<PostgresSchema>();
  const std::string name = schema->name();
  PostgresConnection connection(test_server_url());
  connection.run("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()");
  schema.reset();
  EXPECT_EQ(connection.number("select count(*) from pg_namespace where nspname = '" + name + "'"), 0);
}

TEST(PostgresDatabase, HasItsOwnEncoding) {
  auto database = std::make_unique<PostgresDatabase>("template template0 encoding 'LATIN1'");
  auto connection = std::make_unique<PostgresConnection>(database->url());
  EXPECT_EQ(connection->run("show server_encoding"), "LATIN1");
  EXPECT_EQ(connection->run("select current_database()"), database->name());
  database.reset();
  EXPECT_NE(connection->failure("select 1"), "");
}

TEST(PostgresServer, TakesSettingsAndRules) {
  const PostgresServer server({.conf = {"max_connections=7"}, .hba = {"local all stranger reject"}});
  EXPECT_EQ(PostgresConnection(server.url()).run("show max_connections"), "7");
  EXPECT_EQ(PostgresConnection(server.tcp_url(server.password())).run("show max_connections"), "7");
  EXPECT_THROW(PostgresConnection(server.tcp_url("wrong")), std::runtime_error);
  EXPECT_THROW(PostgresConnection(server.url("postgres", "stranger")), std::runtime_error);
}

TEST(PostgresServer, ComesBackWithItsData) {
  PostgresServer server;
  const std::string url = server.url();
  PostgresConnection(url).run("create table t (n int)");
  server.restart();
  server.kill();
  EXPECT_EQ(server.pid(), 0);
  EXPECT_THROW(PostgresConnection{url}, std::runtime_error);
  server.start();
  EXPECT_EQ(PostgresConnection(url).number("select count(*) from t"), 0);
  EXPECT_NE(server.log_text().find("automatic recovery"), std::string::npos);
}

TEST(PostgresServer, CanBeAStandby) {
  PostgresServer server({.start = false});
  server.write_file("standby.signal", "");
  server.start();
  EXPECT_EQ(PostgresConnection(server.url()).run("select pg_is_in_recovery()"), "t");
}

TEST(PostgresServer, SaysWhyItDoesNotStart) {
  try {
    const PostgresServer server({.conf = {"no_such_setting=1"}});
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no_such_setting"), std::string::npos) << error.what();
  }
}

TEST(PostgresServer, LeavesNothing) {
  std::string folder;
  {
    const PostgresServer server;
    folder = server.folder();
    EXPECT_TRUE(std::filesystem::exists(folder));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace test_support
