// A store's file that is renamed, removed or replaced while it is open: nothing is acknowledged that nobody would find.
#include <filesystem>
#include <gtest/gtest.h>

#include "tests/backend/sqlite_fixture.hpp"

namespace eventsource::core::sqlite {
namespace {

void expect_refused(BlockingBackend& store) {
  const auto refused = append(store, {{.id = 2}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ES_UNSAFE_STORE) << refused.error().message();
  EXPECT_EQ(refused.error().outcome(), ES_OUTCOME_NOT_APPLIED);
}

TEST(SqliteMove, ARenamedFileTakesNoMoreEvents) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  ASSERT_TRUE(append(*store, {{.id = 1}}).ok());
  std::filesystem::rename(folder.file(), folder.file("elsewhere.db"));
  expect_refused(*store);
  std::filesystem::rename(folder.file("elsewhere.db"), folder.file());
  EXPECT_TRUE(append(*store, {{.id = 2}}).ok()) << "back under its name it goes on";
}

TEST(SqliteMove, AReplacedFileTakesNoMoreEvents) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  ASSERT_TRUE(append(*store, {{.id = 1}}).ok());
  std::filesystem::copy_file(folder.file(), folder.file("copy.db"));
  std::filesystem::rename(folder.file("copy.db"), folder.file());
  expect_refused(*store);
}

TEST(SqliteMove, ARemovedFileTakesNoMoreEvents) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  ASSERT_TRUE(append(*store, {{.id = 1}}).ok());
  std::filesystem::remove(folder.file());
  expect_refused(*store);
}

}  // namespace
}  // namespace eventsource::core::sqlite
