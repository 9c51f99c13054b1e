// Several processes on one file, and processes that die: nothing acknowledged is lost, nothing is there twice.
#include <csignal>
#include <map>
#include <set>

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

// Lets child processes start together.
class Gate {
 public:
  Gate() { EXPECT_EQ(pipe(ends_), 0); }
  ~Gate() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void pass() const {
    char byte = 0;
    EXPECT_EQ(read(ends_[0], &byte, 1), 1);
  }
  void open_for(std::size_t processes) const {
    const std::string bytes(processes, 'x');
    EXPECT_EQ(write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

 private:
  int ends_[2] = {};
};

template <typename Work>
pid_t start_child(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(::testing::Test::HasFailure() ? 99 : 0);
  }
  return child;
}

int exit_status(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The versions of every stream have no hole, positions rise, no id is there twice.
void expect_sound(const std::vector<ReadEvent>& events) {
  std::map<Uuid, std::int64_t> versions;
  std::set<Uuid> ids;
  std::int64_t position = 0;
  for (const ReadEvent& event : events) {
    EXPECT_EQ(event.version, ++versions[event.aggregate_id]);
    EXPECT_TRUE(ids.insert(event.event_id).second);
    EXPECT_GT(event.position, position);
    position = event.position;
  }
}

TEST(SqliteProcesses, TenMakeTheSameStoreOnce) {
  const TempFolder folder;
  constexpr std::uint64_t kProcesses = 10;
  for (int round = 0; round < 5; ++round) {
    const std::string path = folder.file("store" + std::to_string(round));
    const Gate gate;
    int results[2];
    ASSERT_EQ(pipe(results), 0);
    std::vector<pid_t> children;
    for (std::uint64_t i = 0; i < kProcesses; ++i) {
      children.push_back(start_child([&] {
        gate.pass();
        const auto store = open_store(path);
        EXPECT_TRUE(append(*store, {{.id = i + 1}}).ok());
        const StoreIdentity identity = store->identity();
        EXPECT_EQ(write(results[1], &identity, sizeof identity), static_cast<ssize_t>(sizeof identity));
      }));
    }
    gate.open_for(kProcesses);
    for (const pid_t child : children) EXPECT_EQ(exit_status(child), 0);
    int created = 0;
    std::set<Uuid> ids;
    for (std::uint64_t i = 0; i < kProcesses; ++i) {
      StoreIdentity identity;
      ASSERT_EQ(read(results[0], &identity, sizeof identity), static_cast<ssize_t>(sizeof identity));
      created += identity.was_created ? 1 : 0;
      ids.insert(identity.id);
    }
    close(results[0]);
    close(results[1]);
    EXPECT_EQ(created, 1);
    EXPECT_EQ(ids.size(), 1U);
    const auto events = read_all(*open_store(path));
    EXPECT_EQ(events.size(), kProcesses);
    expect_sound(events);
  }
}

TEST(SqliteProcesses, TwoAppendToOneStreamWithoutAHole) {
  const TempFolder folder;
  open_store(folder.file());
  constexpr std::uint64_t kAppends = 150;
  const Gate gate;
  std::vector<pid_t> children;
  for (std::uint64_t process = 0; process < 2; ++process) {
    children.push_back(start_child([&] {
      const auto store = open_store(folder.file());
      gate.pass();
      std::int64_t last = 0;
      for (std::uint64_t i = 0; i < kAppends; ++i) {
        const auto outcome = append(*store, {{.id = process * 1'000 + i + 1}});
        ASSERT_TRUE(outcome.ok()) << outcome.error().message();
        EXPECT_GT(outcome.value().versions[0], last);
        last = outcome.value().versions[0];
      }
    }));
  }
  gate.open_for(children.size());
  for (const pid_t child : children) EXPECT_EQ(exit_status(child), 0);
  const auto events = read_all(*open_store(folder.file()));
  EXPECT_EQ(events.size(), 2 * kAppends);
  expect_sound(events);
}

// Of two that expect the same version, one wins each time.
TEST(SqliteProcesses, AnExpectedVersionIsMetOnce) {
  const TempFolder folder;
  open_store(folder.file());
  constexpr std::int64_t kRounds = 100;
  const Gate gate;
  int wins[2];
  ASSERT_EQ(pipe(wins), 0);
  std::vector<pid_t> children;
  for (std::uint64_t process = 0; process < 2; ++process) {
    children.push_back(start_child([&] {
      const auto store = open_store(folder.file());
      gate.pass();
      for (std::int64_t version = 0; version < kRounds; ++version) {
        const auto id = process * 1'000 + static_cast<std::uint64_t>(version) + 1;
        const auto outcome = append(*store, {{.id = id}}, version);
        if (outcome.ok()) {
          EXPECT_EQ(write(wins[1], "x", 1), 1);
        } else {
          EXPECT_EQ(outcome.error().code(), ES_VERSION_CONFLICT) << outcome.error().message();
        }
      }
    }));
  }
  gate.open_for(children.size());
  for (const pid_t child : children) EXPECT_EQ(exit_status(child), 0);
  std::string won(1'000, ' ');
  EXPECT_EQ(read(wins[0], won.data(), won.size()), kRounds);
  close(wins[0]);
  close(wins[1]);
  const auto events = read_all(*open_store(folder.file()));
  EXPECT_EQ(events.size(), static_cast<std::size_t>(kRounds));
  expect_sound(events);
}

// Killed after so many acknowledgements: what was acknowledged is there, whole, once.
TEST(SqliteProcesses, AKilledWriterLosesNothing) {
  const TempFolder folder;
  constexpr std::uint64_t kBatch = 3;
  std::uint64_t next = 1;
  std::set<Uuid> acknowledged;
  for (const int acknowledgements : {1, 2, 7, 20, 55}) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = start_child([&] {
      const auto store = open_store(folder.file());
      for (std::uint64_t id = next;; id += kBatch) {
        const auto outcome =
            append(*store, {{.id = id, .stream = id % 5}, {.id = id + 1}, {.id = id + 2, .stream = 7}});
        if (!outcome.ok()) _exit(1);
        if (write(pipe_ends[1], &id, sizeof id) != sizeof id) _exit(2);
      }
    });
    std::uint64_t id = 0;
    for (int i = 0; i < acknowledgements; ++i) {
      ASSERT_EQ(read(pipe_ends[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
      for (std::uint64_t k = 0; k < kBatch; ++k) acknowledged.insert(id_of(id + k));
    }
    kill(child, SIGKILL);
    EXPECT_EQ(exit_status(child), -1);
    // What was acknowledged while it was being killed.
    close(pipe_ends[1]);
    while (read(pipe_ends[0], &id, sizeof id) == static_cast<ssize_t>(sizeof id)) {
      for (std::uint64_t k = 0; k < kBatch; ++k) acknowledged.insert(id_of(id + k));
    }
    close(pipe_ends[0]);
    next = id + 10 * kBatch;

    const auto events = read_all(*open_store(folder.file()));
    expect_sound(events);
    std::set<Uuid> stored;
    for (const ReadEvent& event : events) stored.insert(event.event_id);
    for (const Uuid& one : acknowledged) EXPECT_TRUE(stored.contains(one)) << format_uuid(one);
    EXPECT_EQ(stored.size() % kBatch, 0U) << "a part of an append is there";
  }
  Sql3 sql(folder.file());
  EXPECT_EQ(sql.text("PRAGMA integrity_check"), "ok");
}

TEST(SqliteProcesses, AReaderSeesEveryEventOfAWriterOnce) {
  const TempFolder folder;
  open_store(folder.file());
  constexpr std::uint64_t kEvents = 300;
  const pid_t writer = start_child([&] {
    const auto store = open_store(folder.file());
    for (std::uint64_t i = 1; i <= kEvents; ++i) ASSERT_TRUE(append(*store, {{.id = i, .stream = i % 3}}).ok());
  });
  const auto store = open_store(folder.file());
  std::vector<std::int64_t> positions;
  LogQuery query;
  query.after = 0;
  while (positions.size() < kEvents) {
    PageBuilder builder({7, 1'000'000, ES_CONTENT_COLUMNS});
    const auto end = store->read_log(query, call_of(), builder);
    ASSERT_TRUE(end.ok()) << end.error().message();
    const auto page = builder.finish({});
    for (std::size_t i = 0; i < page->header().count; ++i) positions.push_back(page->record(i)->global_position);
    query.after = end.value().scanned_through;
  }
  EXPECT_EQ(exit_status(writer), 0);
  for (std::size_t i = 0; i < positions.size(); ++i) EXPECT_EQ(positions[i], static_cast<std::int64_t>(i) + 1);
}

}  // namespace
}  // namespace eventsource::core::sqlite
