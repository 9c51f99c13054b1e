// The pool of connections: whatever an open or a wait ends with, the next caller finds the place free.
#include <new>
#include <thread>

#include "core/backend/pool.hpp"
#include "core/sqlite/connection.hpp"
#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

using Pool = core::Pool<Connection>;

class SqlitePool : public ::testing::Test {
 protected:
  SqlitePool() : path_(folder_.file()), pool_(1, "the only connection", [this](const Call&) { return open_(); }) {}

  Result<std::unique_ptr<Connection>> open_file() {
    return Connection::open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  }

  const TempFolder folder_;
  const std::string path_;
  std::function<Result<std::unique_ptr<Connection>>()> open_ = [this] { return open_file(); };
  Pool pool_;
};

TEST_F(SqlitePool, AnOpenThatRunsOutOfMemoryLeavesThePlaceFree) {
  open_ = []() -> Result<std::unique_ptr<Connection>> { throw std::bad_alloc(); };
  for (int i = 0; i < 3; ++i) EXPECT_THROW(static_cast<void>(pool_.borrow(call_of(0))), std::bad_alloc);
  open_ = [this] { return open_file(); };
  EXPECT_TRUE(pool_.borrow(call_of(1'000)).ok());
}

TEST_F(SqlitePool, AnOpenThatFailsLeavesThePlaceFree) {
  open_ = []() -> Result<std::unique_ptr<Connection>> { return Error(ES_IO_ERROR, "not now"); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool_.borrow(call_of(0)).error().code(), ES_IO_ERROR);
  open_ = [this] { return open_file(); };
  EXPECT_TRUE(pool_.borrow(call_of(1'000)).ok());
}

TEST_F(SqlitePool, WhatIsGivenBackIsLentAgain) {
  const Connection* first = nullptr;
  for (int i = 0; i < 3; ++i) {
    const auto lease = pool_.borrow(call_of(1'000));
    ASSERT_TRUE(lease.ok());
    if (first == nullptr) first = &*lease.value();
    EXPECT_EQ(&*lease.value(), first);
  }
}

TEST_F(SqlitePool, WhoGaveUpWaitingIsNotInTheWay) {
  {
    auto lease = pool_.borrow(call_of(1'000));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(pool_.borrow(call_of(0)).error().code(), ES_BUSY);
    std::thread patient([&] { EXPECT_TRUE(pool_.borrow(call_of(-1)).ok()); });
    std::thread hasty([&] { EXPECT_EQ(pool_.borrow(call_of(1)).error().code(), ES_BUSY); });
    hasty.join();
    {
      const Pool::Lease given_back = std::move(lease).value();
    }
    patient.join();
  }
  EXPECT_TRUE(pool_.borrow(call_of(1'000)).ok());
}

// A connection that was closed and can't be opened again is room for a new one.
TEST_F(SqlitePool, AConnectionThatCannotBeOpenedAgainMakesRoom) {
  {
    auto lease = pool_.borrow(call_of(1'000));
    ASSERT_TRUE(lease.ok());
    open_ = []() -> Result<std::unique_ptr<Connection>> { return Error(ES_IO_ERROR, "not now"); };
    EXPECT_EQ(lease.value().open_again(call_of(0)).error().code(), ES_IO_ERROR);
  }
  open_ = [this] { return open_file(); };
  EXPECT_TRUE(pool_.borrow(call_of(1'000)).ok());
}

}  // namespace
}  // namespace eventsource::core::sqlite
