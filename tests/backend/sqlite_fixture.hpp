// What the tests of the SQLite backend share: a folder of their own, appends made by hand, and plain SQL beside the store.
// Used by one thread, except where a function says otherwise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend/backend.hpp"
#include "core/sqlite/open.hpp"
#include "tests/support/temp_folder.hpp"

namespace eventsource::core::sqlite {

using test_support::TempFolder;

// A plain connection of the test. Fails the test on an error, unless it is asked for the code.
class Sql3 {
 public:
  explicit Sql3(const std::string& path, int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  ~Sql3();
  Sql3(const Sql3&) = delete;
  Sql3& operator=(const Sql3&) = delete;

  void run(const std::string& sql);
  [[nodiscard]] int try_run(const std::string& sql);
  [[nodiscard]] std::int64_t number(const std::string& sql);
  [[nodiscard]] std::string text(const std::string& sql);
  [[nodiscard]] sqlite3* handle() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

// One event to append, in the stream "Order" with the id made of `stream` unless said otherwise.
struct Event {
  std::uint64_t id = 0;
  std::uint64_t stream = 1;
  std::string members = {};
  std::string event_type = "Placed";
  std::string aggregate_type = "Order";
  std::optional<Uuid> tenant_id = {};
  std::optional<std::string> actor_id = {};
  std::int64_t occurred_at = 1'700'000'000'000'000;
};

[[nodiscard]] Uuid id_of(std::uint64_t number);

// While it lives, `what` happens whenever a connection that is opened meanwhile writes a row: in the middle of its
// transaction. One at a time.
class WhenRowsAreWritten {
 public:
  explicit WhenRowsAreWritten(std::function<void(sqlite3*)> what);
  ~WhenRowsAreWritten();
  WhenRowsAreWritten(const WhenRowsAreWritten&) = delete;
  WhenRowsAreWritten& operator=(const WhenRowsAreWritten&) = delete;

 private:
  static int hook(sqlite3* database, char**, const sqlite3_api_routines*);
  static void on_row(void* database, int, const char*, const char*, sqlite3_int64);

  std::function<void(sqlite3*)> what_;
  static WhenRowsAreWritten* instance_;
};

// Time that only the test moves: by what is paused, and by `tick_us` with each look at the clock.
class TestTime final : public Environment {
 public:
  std::int64_t wall_us() override { return now_us_; }
  std::int64_t steady_us() override { return now_us_ += tick_us; }
  Status random(std::span<std::uint8_t> bytes) override;
  // Moves the time and does what the test wants to happen meanwhile.
  void pause_us(std::int64_t us) override;

  std::int64_t tick_us = 0;
  std::function<void()> during_pause = [] {};
  std::vector<std::int64_t> pauses;

 private:
  std::int64_t now_us_ = 1'000'000;
  std::uint64_t seed_ = 1;
};

// A prepared append and everything that it borrows.
class Batch {
 public:
  explicit Batch(std::vector<Event> events, std::int64_t expected_version = ES_ANY, bool skip_duplicates = false);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  [[nodiscard]] const PreparedAppend& prepared() const { return prepared_; }

 private:
  std::vector<Event> events_;
  std::vector<StreamInput> streams_;
  PreparedAppend prepared_;
};

// A call with the system's clock.
[[nodiscard]] Call call_of(std::int64_t timeout_ms = 10'000);

[[nodiscard]] Result<std::unique_ptr<BlockingBackend>> try_open(const std::string& path, const Settings& settings = {});
// Fails the test unless it opens.
std::unique_ptr<BlockingBackend> open_store(const std::string& path, const Settings& settings = {});

[[nodiscard]] Result<AppendOutcome> append(BlockingBackend& store, std::vector<Event> events,
                                           std::int64_t expected_version = ES_ANY, bool skip_duplicates = false);

// Every event of the log, document included, from pages of `page_events`.
struct ReadEvent {
  std::int64_t position;
  std::int64_t version;
  std::int64_t occurred_at;
  std::int64_t stored_at;
  Uuid event_id;
  Uuid aggregate_id;
  std::uint32_t presence;
  std::uint32_t flags;
  std::string event_type;
  std::string aggregate_type;
  std::string actor_id;
  std::string document;
};
[[nodiscard]] std::vector<ReadEvent> read_all(BlockingBackend& store, std::size_t page_events = 1'000,
                                              bool backward = false);
[[nodiscard]] std::vector<ReadEvent> read_one_stream(BlockingBackend& store, const Event& of, StreamQuery query = {});

// The detail of an error; "" when it has none with this key.
[[nodiscard]] std::string detail(const Error& error, std::string_view key);

// What is in a file. Not for a store that is open in this process: closing the file would drop its locks.
[[nodiscard]] std::string bytes_of(const std::string& path);

// How many files there are in a folder.
[[nodiscard]] std::ptrdiff_t files_in(const std::filesystem::path& folder);

// Runs `work` in a child process and returns its exit status, -1 when a signal ended it.
template <typename Work>
int in_child(const Work& work);

}  // namespace eventsource::core::sqlite

#include <sys/wait.h>
#include <unistd.h>

namespace eventsource::core::sqlite {

template <typename Work>
int in_child(const Work& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace eventsource::core::sqlite
