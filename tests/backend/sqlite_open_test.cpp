// Files that are no store, or can't be opened: a typed error that names the path, and the file as it was.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The code of the error with which `path` is refused; the test fails when it opens or the error does not name the path.
es_status refusal(const std::string& path, const Settings& settings = {}) {
  const auto store = try_open(path, settings);
  if (store.ok()) {
    ADD_FAILURE() << path << " was opened";
    return ES_OK;
  }
  EXPECT_EQ(detail(store.error(), "path"), path);
  EXPECT_NE(store.error().message().find(path), std::string::npos) << store.error().message();
  EXPECT_EQ(store.error().outcome(), ES_OUTCOME_NOT_APPLIED);
  EXPECT_TRUE(store.error().is_retryable() || store.error().code() != ES_IO_ERROR) << store.error().message();
  return store.error().code();
}

// In a child process that has no special rights: 0, or the number of the first check that failed.
template <typename Work>
int as_ordinary_user(const Work& work) {
  return in_child([&] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 98;
    work();
    return ::testing::Test::HasFailure() ? 99 : 0;
  });
}

void make_store(const std::string& path) {
  const auto store = open_store(path);
  ASSERT_TRUE(append(*store, {{.id = 1}, {.id = 2}}).ok());
}

TEST(SqliteOpen, AMissingFileIsNotMadeUnlessItMayBe) {
  const TempFolder folder;
  EXPECT_EQ(refusal(folder.file(), {.create = false}), ES_STORE_NOT_FOUND);
  EXPECT_EQ(refusal(folder.file(), {.read_only = true}), ES_STORE_NOT_FOUND);
  EXPECT_EQ(files_in(folder.path()), 0);
}

TEST(SqliteOpen, AMissingFolderIsNamed) {
  const TempFolder folder;
  EXPECT_EQ(refusal(folder.file("no/store.db")), ES_IO_ERROR);
  EXPECT_EQ(refusal(folder.file("no/store.db"), {.create = false}), ES_STORE_NOT_FOUND);
}

// The text of the error with which `path` is refused as ES_IO_ERROR.
std::string io_refusal(const std::string& path) {
  EXPECT_EQ(refusal(path), ES_IO_ERROR);
  const auto store = try_open(path);
  return store.ok() ? "" : store.error().message();
}

TEST(SqliteOpen, ANameThatIsTooLongIsNotReadOnly) {
  const TempFolder folder;
  const std::string path = folder.file(std::string(300, 'x'));
  EXPECT_NE(io_refusal(path).find(std::strerror(ENAMETOOLONG)), std::string::npos) << io_refusal(path);
  EXPECT_EQ(refusal(path, {.create = false}), ES_IO_ERROR);
}

TEST(SqliteOpen, ALinkToNowhereIsNotReadOnly) {
  const TempFolder folder;
  std::filesystem::create_symlink(folder.file("no/store.db"), folder.file());
  EXPECT_NE(io_refusal(folder.file()).find(std::strerror(ENOENT)), std::string::npos) << io_refusal(folder.file());
  EXPECT_EQ(refusal(folder.file(), {.create = false}), ES_STORE_NOT_FOUND);
}

TEST(SqliteOpen, AFolderThatTakesNoFilesIsNotReadOnly) {
  if (geteuid() == 0) {
    EXPECT_NE(io_refusal("/proc/x.db").find(std::strerror(ENOENT)), std::string::npos);
  } else {
    EXPECT_EQ(refusal("/proc/x.db"), ES_READ_ONLY);
  }
}

TEST(SqliteOpen, AFileSystemWithoutSharedMemoryIsRefused) {
  sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
  const TempFolder folder;
  sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1);
  EXPECT_EQ(refusal(folder.file()), ES_IO_ERROR);
  sqlite3_vfs_register(usual, 1);
}

TEST(SqliteOpen, ARelativePathInAFolderThatIsGoneIsRefused) {
  EXPECT_EQ(in_child([] {
              {
                const TempFolder folder;
                std::filesystem::current_path(folder.path());
              }
              EXPECT_EQ(refusal("store.db"), ES_IO_ERROR);
              return ::testing::Test::HasFailure() ? 1 : 0;
            }),
            0);
}

TEST(SqliteOpen, AnEmptyFileMayBecomeAStore) {
  const TempFolder folder;
  write_file(folder.file(), "");
  EXPECT_EQ(refusal(folder.file(), {.create = false}), ES_NOT_A_STORE);
  EXPECT_EQ(refusal(folder.file(), {.read_only = true}), ES_NOT_A_STORE);
  EXPECT_EQ(std::filesystem::file_size(folder.file()), 0U);
  EXPECT_TRUE(open_store(folder.file())->identity().was_created);
}

TEST(SqliteOpen, AFolderOrAPipeIsNoStore) {
  const TempFolder folder;
  EXPECT_EQ(refusal(folder.path()), ES_NOT_A_STORE);
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder.file("pipe")), ES_NOT_A_STORE);
}

TEST(SqliteOpen, AFileThatIsNoDatabaseIsLeftAlone) {
  const TempFolder folder;
  for (const std::string& bytes : {std::string("hello\n"), std::string(10'000, 'x'), std::string(4'096, '\0')}) {
    write_file(folder.file(), bytes);
    EXPECT_EQ(refusal(folder.file()), ES_NOT_A_STORE);
    EXPECT_EQ(refusal(folder.file(), {.read_only = true}), ES_NOT_A_STORE);
    EXPECT_EQ(bytes_of(folder.file()), bytes);
    EXPECT_EQ(files_in(folder.path()), 1);
  }
}

TEST(SqliteOpen, ADatabaseOfSomethingElseIsLeftAlone) {
  const TempFolder folder;
  const std::string path = folder.file();
  for (const char* const sql :
       {"CREATE TABLE notes (text TEXT)", "CREATE TABLE events (id INTEGER PRIMARY KEY, what TEXT)",
        "PRAGMA application_id = 7", "PRAGMA user_version = 3"}) {
    for (const char* const mode : {"delete", "wal"}) {
      std::filesystem::remove(path);
      {
        Sql3 other(path);
        other.run(std::string("PRAGMA journal_mode = ") + mode);
        other.run(sql);
      }
      const std::string before = bytes_of(path);
      EXPECT_EQ(refusal(path), ES_NOT_A_STORE) << sql;
      EXPECT_EQ(refusal(path, {.read_only = true}), ES_NOT_A_STORE) << sql;
      EXPECT_EQ(bytes_of(path), before) << sql;
      EXPECT_EQ(files_in(folder.path()), 1) << sql;
    }
  }
}

// Somebody else's program died with rows in its write-ahead log: they stay there.
TEST(SqliteOpen, TheLogOfARefusedDatabaseIsLeftAlone) {
  const TempFolder folder;
  const std::string path = folder.file();
  EXPECT_EQ(in_child([&] {
              Sql3 other(path);
              other.run("PRAGMA journal_mode = WAL");
              other.run("CREATE TABLE notes (text TEXT)");
              other.run("INSERT INTO notes VALUES ('kept')");
              _exit(0);
              return 1;
            }),
            0);
  const std::string file = bytes_of(path);
  const std::string log = bytes_of(path + "-wal");
  ASSERT_FALSE(log.empty());
  EXPECT_EQ(refusal(path), ES_NOT_A_STORE);
  EXPECT_EQ(bytes_of(path), file);
  EXPECT_EQ(bytes_of(path + "-wal"), log);
  EXPECT_EQ(Sql3(path).text("SELECT text FROM notes"), "kept");
}

TEST(SqliteOpen, ANewerSchemaIsRefused) {
  const TempFolder folder;
  make_store(folder.file());
  Sql3(folder.file()).run("PRAGMA user_version = 2");
  const std::string before = bytes_of(folder.file());
  EXPECT_EQ(refusal(folder.file()), ES_SCHEMA_TOO_NEW);
  EXPECT_EQ(refusal(folder.file(), {.read_only = true}), ES_SCHEMA_TOO_NEW);
  EXPECT_EQ(bytes_of(folder.file()), before);
}

TEST(SqliteOpen, AMarkWithoutTablesIsADamagedStore) {
  const TempFolder folder;
  make_store(folder.file());
  Sql3(folder.file()).run("DELETE FROM eventsource_schema");
  EXPECT_EQ(refusal(folder.file()), ES_CORRUPT_STORE);
  Sql3(folder.file()).run("DROP VIEW snapshots_text; DROP TABLE snapshots");
  EXPECT_EQ(refusal(folder.file()), ES_CORRUPT_STORE);
}

// What `sqlite3 FILE .dump` keeps and what it loses.
TEST(SqliteOpen, ARestoredDumpIsTheSameStore) {
  const TempFolder folder;
  make_store(folder.file());
  const Uuid id = open_store(folder.file())->identity().id;
  Sql3(folder.file()).run("PRAGMA journal_mode = DELETE; PRAGMA application_id = 0; PRAGMA user_version = 0");
  {
    const auto store = open_store(folder.file());
    EXPECT_EQ(store->identity().id, id);
    EXPECT_EQ(store->identity().schema_version, kSchemaVersion);
    EXPECT_FALSE(store->identity().was_created);
    EXPECT_TRUE(append(*store, {{.id = 3}}).ok());
  }
  EXPECT_EQ(read_all(*open_store(folder.file(), {.read_only = true})).size(), 3U);
  Sql3(folder.file()).run("UPDATE eventsource_schema SET schema_version = 2");
  EXPECT_EQ(refusal(folder.file()), ES_SCHEMA_TOO_NEW);
  Sql3(folder.file()).run("ALTER TABLE eventsource_schema RENAME schema_version TO size");
  EXPECT_EQ(refusal(folder.file()), ES_NOT_A_STORE);
}

TEST(SqliteOpen, AFileWithAnotherJournalModeGetsItsLogBack) {
  const TempFolder folder;
  make_store(folder.file());
  Sql3(folder.file()).run("PRAGMA journal_mode = DELETE");
  const auto store = open_store(folder.file());
  EXPECT_TRUE(append(*store, {{.id = 3}}).ok());
  EXPECT_EQ(Sql3(folder.file()).text("PRAGMA journal_mode"), "wal");
}

TEST(SqliteOpen, APathIsAPathWhateverItLooksLike) {
  const TempFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* const name : {":memory:", "file:x.db?mode=memory", "a b%20.db"}) {
    make_store(name);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / name)) << name;
    EXPECT_EQ(open_store(name)->head(call_of()).value(), 2) << name;
  }
  std::filesystem::current_path(before);
}

TEST(SqliteOpen, AFileThatCannotBeWrittenIsReadOnly) {
  const TempFolder folder;
  const std::string path = folder.file();
  make_store(path);
  chmod(path.c_str(), 0444);
  chmod(folder.path().c_str(), 0777);
  EXPECT_EQ(as_ordinary_user([&] {
              EXPECT_EQ(refusal(path), ES_READ_ONLY);
              // SQLite would leave a lock table there that its owner can't use.
              EXPECT_EQ(refusal(path, {.read_only = true}), ES_READ_ONLY);
            }),
            0);
  EXPECT_EQ(files_in(folder.path()), 1);
}

TEST(SqliteOpen, AFolderThatCannotBeWrittenIsReadOnly) {
  const TempFolder folder;
  const std::string path = folder.file();
  make_store(path);
  chmod(path.c_str(), 0666);
  chmod(folder.path().c_str(), 0555);
  EXPECT_EQ(as_ordinary_user([&] {
              EXPECT_EQ(refusal(path), ES_READ_ONLY);
              EXPECT_EQ(refusal(folder.file("new.db")), ES_READ_ONLY);
              // Its log can't be followed there either, and guessing that nobody writes would be a lie.
              EXPECT_EQ(refusal(path, {.read_only = true}), ES_READ_ONLY);
            }),
            0);
  chmod(folder.path().c_str(), 0755);
}

TEST(SqliteOpen, AFolderThatCannotBeWrittenIsReadBesideAWriter) {
  const TempFolder folder;
  const std::string path = folder.file();
  chmod(folder.path().c_str(), 0755);
  int ready[2];
  int done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t writer = fork();
  if (writer == 0) {
    const auto store = open_store(path);
    char byte = 0;
    const bool good = append(*store, {{.id = 1}}).ok() && write(ready[1], "x", 1) == 1 && read(done[0], &byte, 1) == 1;
    _exit(good ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(as_ordinary_user([&] { EXPECT_EQ(read_all(*open_store(path, {.read_only = true})).size(), 1U); }), 0);
  ASSERT_EQ(write(done[1], "x", 1), 1);
  int status = 0;
  waitpid(writer, &status, 0);
  EXPECT_EQ(status, 0);
  for (const int descriptor : {ready[0], ready[1], done[0], done[1]}) close(descriptor);
}

TEST(SqliteOpen, AReadOnlyStoreChangesNothing) {
  const TempFolder folder;
  make_store(folder.file());
  const std::string before = bytes_of(folder.file());
  {
    const auto store = open_store(folder.file(), {.read_only = true});
    EXPECT_FALSE(store->identity().was_created);
    EXPECT_EQ(read_all(*store).size(), 2U);
    EXPECT_EQ(append(*store, {{.id = 3}}).error().code(), ES_READ_ONLY);
    EXPECT_EQ(store->save_snapshot({"Order", id_of(1)}, {1, 1, 0, "{}"}, call_of()).error().code(), ES_READ_ONLY);
    EXPECT_EQ(store->delete_snapshot({"Order", id_of(1)}, call_of()).error().code(), ES_READ_ONLY);
    EXPECT_TRUE(store->shutdown().ok());
  }
  EXPECT_EQ(bytes_of(folder.file()), before);
  EXPECT_EQ(files_in(folder.path()), 1);
}

TEST(SqliteOpen, DamagedPagesAreReported) {
  const TempFolder folder;
  const std::string path = folder.file();
  {
    const auto store = open_store(path);
    for (std::uint64_t i = 1; i <= 200; ++i) ASSERT_TRUE(append(*store, {{.id = i, .stream = i}}).ok());
  }
  const std::string good = bytes_of(path);
  constexpr std::size_t kPage = 4'096;
  const std::size_t pages = good.size() / kPage;
  ASSERT_GT(pages, 10U);
  int reported = 0;
  for (std::size_t page = 1; page < pages; ++page) {
    std::string bad = good;
    std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(page * kPage), 64, '\xAA');
    write_file(path, bad);
    const auto store = try_open(path);
    if (!store.ok()) {
      EXPECT_EQ(store.error().code(), ES_CORRUPT_STORE);
      ++reported;
      continue;
    }
    PageBuilder builder({100'000, std::size_t{1} << 24, ES_CONTENT_DOCUMENT});
    const auto end = store.value()->read_log({}, call_of(), builder);
    const auto outcome = append(*store.value(), {{.id = 1'000, .stream = 1}});
    for (const Error* const error : {end.ok() ? nullptr : &end.error(), outcome.ok() ? nullptr : &outcome.error()}) {
      if (error == nullptr) continue;
      EXPECT_EQ(error->code(), ES_CORRUPT_STORE) << error->message();
      EXPECT_EQ(detail(*error, "path"), path);
      EXPECT_FALSE(error->is_retryable());
    }
    // Either the scan sees every event or it says so.
    EXPECT_TRUE(!end.ok() || builder.count() == 200U) << "page " << page;
    if (!end.ok() || !outcome.ok()) ++reported;
  }
  EXPECT_GT(reported, 5);
}

TEST(SqliteOpen, ATruncatedFileIsReported) {
  const TempFolder folder;
  make_store(folder.file());
  const std::string good = bytes_of(folder.file());
  for (const std::size_t size : {good.size() - 4'096, good.size() / 2, std::size_t{5'000}}) {
    write_file(folder.file(), good.substr(0, size));
    EXPECT_EQ(refusal(folder.file()), ES_CORRUPT_STORE) << size;
  }
}

}  // namespace
}  // namespace eventsource::core::sqlite
