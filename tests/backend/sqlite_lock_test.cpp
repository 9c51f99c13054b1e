// Two copies of SQLite in one process: the second one's close takes our locks away. An append must notice.
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "core/sqlite/write_lock.hpp"
#include "tests/backend/sqlite_fixture.hpp"
#include "tests/support/hooked_disk.hpp"
#include "tests/support/other_sqlite.hpp"

namespace eventsource::core::sqlite {
namespace {

using test_support::HookedDisk;
using test_support::OtherSqlite;

// Closes a descriptor of the store's lock table, and with it the locks of this process on it.
void touch_lock_table(const std::string& path) {
  const int descriptor = ::open((path + "-shm").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  close(descriptor);
}

// An append of one event, during whose COMMIT `what` happens: whether it was told as stored, in a process of its own, which dies
// right after it.
int commit_in_child(const std::string& path, const std::function<void()>& what) {
  return in_child([&] {
    HookedDisk disk;
    const auto store = open_store(path);
    bool has_happened = false;
    disk.on_sync = [&] {
      if (!std::exchange(has_happened, true)) what();
      return SQLITE_OK;
    };
    const auto outcome = append(*store, {{.id = 2}});
    const bool is_unknown =
        !outcome.ok() && outcome.error().code() == ES_UNSAFE_STORE && outcome.error().outcome() == ES_OUTCOME_UNKNOWN;
    // Nothing is closed in order.
    _exit(!has_happened ? 98 : outcome.ok() ? 0 : is_unknown ? 1 : 2);
    return 99;
  });
}

// An append of one event during which `what` happens: the status, in a process of its own, which dies right after it.
int append_in_child(const std::string& path, const std::function<void()>& what) {
  return in_child([&] {
    const WhenRowsAreWritten middle([&](sqlite3*) { what(); });
    const auto store = open_store(path);
    const auto outcome = append(*store, {{.id = 2}});
    if (!outcome.ok() && detail(outcome.error(), "path") != path) return 99;
    return outcome.ok() ? 0 : outcome.error().code() == ES_UNSAFE_STORE ? 1 : 2;
  });
}

std::int64_t stored_events(const std::string& path) {
  return static_cast<std::int64_t>(read_all(*open_store(path)).size());
}

class SqliteLock : public ::testing::Test {
 protected:
  SqliteLock() : path_(folder_.file()) {
    const auto store = open_store(path_);
    EXPECT_TRUE(append(*store, {{.id = 1}}).ok());
  }

  const TempFolder folder_;
  const std::string path_;
};

TEST_F(SqliteLock, AnUndisturbedAppendIsStored) {
  EXPECT_EQ(append_in_child(path_, [] {}), 0);
  EXPECT_EQ(stored_events(path_), 2);
}

// What the check is for: plain SQLite says OK, and the row is gone.
TEST_F(SqliteLock, WithoutTheCheckACommittedRowIsLost) {
  const int status = in_child([&] {
    const OtherSqlite other;
    Sql3 plain(path_);
    plain.run("BEGIN IMMEDIATE");
    plain.run(
        "INSERT INTO events (event_id, aggregate_id, aggregate_type, event_type, version, timestamp, created_at, "
        "payload) "
        "VALUES (randomblob(16), randomblob(16), 'Order', 'Placed', 1, 0, 0, '{}')");
    other.visit(path_);
    // The process dies after its commit was acknowledged.
    _exit(plain.try_run("COMMIT"));
    return 99;
  });
  EXPECT_EQ(status, SQLITE_OK);
  EXPECT_EQ(stored_events(path_), 1);
}

TEST_F(SqliteLock, AnAppendFailsWhenAnotherCopyOfSqliteTookTheLock) {
  const int status = in_child([&] {
    const OtherSqlite other;
    return append_in_child(path_, [&] { other.visit(path_); });
  });
  EXPECT_EQ(status, 1);
  EXPECT_EQ(stored_events(path_), 1);
}

// The same loss while another process keeps the lock table alive: it is not removed, only our lock is gone.
TEST_F(SqliteLock, AnAppendFailsWhenOnlyTheLockIsGone) {
  EXPECT_EQ(append_in_child(path_, [&] { touch_lock_table(path_); }), 1);
  EXPECT_EQ(stored_events(path_), 1);
}

// Two stores of one process on one file: what the second one finds in order must not hide what the first has lost.
TEST_F(SqliteLock, ALockLostDuringACommitIsSeenWhenAnotherStoreHasTheNextTurn) {
  Sql3 first(path_);
  Sql3 second(path_);
  WriteLockWatch of_first(path_);
  WriteLockWatch of_second(path_);
  first.run("BEGIN IMMEDIATE");
  ASSERT_TRUE(of_first.is_held());
  touch_lock_table(path_);
  first.run("COMMIT");
  second.run("BEGIN IMMEDIATE");
  ASSERT_TRUE(of_second.is_held());
  EXPECT_FALSE(of_first.was_kept());
  second.run("COMMIT");
  EXPECT_TRUE(of_second.was_kept());
}

TEST_F(SqliteLock, AnAppendFailsWhenAnotherProcessHasTheLockInstead) {
  int ready[2];
  int done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  char byte = 0;
  // The other process takes the write lock as soon as it is free, and keeps it until it is told.
  const pid_t rival = fork();
  if (rival == 0) {
    Sql3 plain(path_);
    plain.run("SELECT count(*) FROM events");
    const bool told = read(ready[0], &byte, 1) == 1;
    const int code = plain.try_run("BEGIN IMMEDIATE");
    const bool said = write(done[1], "x", 1) == 1;
    const bool ended = read(ready[0], &byte, 1) == 1;
    _exit(told && said && ended ? code : 99);
  }
  const int status = append_in_child(path_, [&] {
    touch_lock_table(path_);
    char answer = 0;
    EXPECT_EQ(write(ready[1], "x", 1), 1);
    EXPECT_EQ(read(done[0], &answer, 1), 1);
  });
  EXPECT_EQ(write(ready[1], "x", 1), 1);
  int rival_status = 0;
  waitpid(rival, &rival_status, 0);
  EXPECT_EQ(WEXITSTATUS(rival_status), SQLITE_OK) << "the rival did not get the lock: the test shows nothing";
  EXPECT_EQ(status, 1);
  EXPECT_EQ(stored_events(path_), 1);
  for (const int descriptor : {ready[0], ready[1], done[0], done[1]}) close(descriptor);
}

// The lock was there when the COMMIT began, and by its end the log had gone.
TEST_F(SqliteLock, NothingIsKnownWhenAnotherCopyOfSqliteTookTheLockDuringTheCommit) {
  const int status = in_child([&] {
    const OtherSqlite other;
    return commit_in_child(path_, [&] { other.visit(path_); });
  });
  EXPECT_EQ(status, 1);
}

// Then a fresh connection tells what the commit did.
TEST_F(SqliteLock, WhatIsToldIsStoredWhenOnlyTheLockGoesDuringTheCommit) {
  EXPECT_EQ(commit_in_child(path_, [&] { touch_lock_table(path_); }), 0);
  EXPECT_EQ(stored_events(path_), 2);
}

TEST_F(SqliteLock, TheStoreWorksAgainOnceItIsOpenedAgain) {
  EXPECT_EQ(append_in_child(path_, [&] { touch_lock_table(path_); }), 1);
  const auto store = open_store(path_);
  EXPECT_TRUE(append(*store, {{.id = 2}}).ok());
  EXPECT_EQ(read_all(*store).size(), 2U);
}

// The check's own descriptors must not do what they guard against.
TEST_F(SqliteLock, OpeningAndClosingAnotherHandleKeepsTheLock) {
  const auto store = open_store(path_);
  EXPECT_TRUE(append(*store, {{.id = 2}}).ok());
  std::uint64_t id = 3;
  {
    const WhenRowsAreWritten middle([&](sqlite3*) { static_cast<void>(open_store(path_)); });
    const auto hooked = open_store(path_);
    EXPECT_TRUE(append(*hooked, {{.id = id++}}).ok());
  }
  EXPECT_TRUE(append(*store, {{.id = id++}}).ok());
  EXPECT_EQ(read_all(*store).size(), 4U);
}

}  // namespace
}  // namespace eventsource::core::sqlite
