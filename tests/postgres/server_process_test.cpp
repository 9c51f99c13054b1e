// The end of a server's process: only where it is certain that this server is the one that it ran on.
#include "core/postgres/server_process.hpp"

#include <gtest/gtest.h>
#include <memory>

#include "core/base/environment.hpp"
#include "core/postgres/connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using namespace eventsource::core;
using postgres::Connection;
using postgres::ServerProcess;

class ProcessEnd : public ::testing::Test {
 protected:
  ProcessEnd() : call_(environment_, {}, 5'000) {
    victim_ = connect();
    other_ = connect();
  }

  std::unique_ptr<Connection> connect() {
    return Connection::open_now(postgres::parse_url(test_support::test_server_url()).value(),
                                std::make_shared<Telemetry>(nullptr, system_environment()), call_)
        .value();
  }
  [[nodiscard]] bool ends(const ServerProcess& process) {
    return now(postgres::end_process(*other_, process, call_)).value();
  }
  [[nodiscard]] bool works(Connection& connection) {
    return connection.transact_now(postgres::Access::kRead, {}, call_).ok();
  }

  Environment& environment_ = system_environment();
  Call call_;
  std::unique_ptr<Connection> victim_;
  std::unique_ptr<Connection> other_;
};

TEST_F(ProcessEnd, IsToldOfTheSameServer) {
  EXPECT_TRUE(ends(victim_->process()));
  EXPECT_FALSE(works(*victim_));
  EXPECT_TRUE(ends(victim_->process()));
}

TEST_F(ProcessEnd, IsToldOfTheServerBeforeItWasStartedAgain) {
  ServerProcess process = victim_->process();
  process.server_started_us -= 2'000'000;
  process.started_us = process.server_started_us + 1'000'000;
  EXPECT_TRUE(ends(process));
  EXPECT_TRUE(works(*victim_));
}

TEST_F(ProcessEnd, IsNotToldByAnotherServer) {
  ServerProcess process = victim_->process();
  process.server_started_us -= 2'000'000;
  EXPECT_FALSE(ends(process)) << "this server ran when the process started";
  process.started_us = process.server_started_us + 1'000'000;
  process.address = "elsewhere";
  EXPECT_FALSE(ends(process));
  EXPECT_TRUE(works(*victim_));
}

}  // namespace
}  // namespace postgres_test
