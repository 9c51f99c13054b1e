// Roles that lack a right: refused with what is missing, and what needs no such right works.
#include <algorithm>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

class Grants : public StoreTest {
 protected:
  // The tables, with these rights on them for the role.
  std::string granted(const std::string& rights) {
    make_tables();
    std::string url = role_url();
    sql().run("grant select on eventsource_schema to " + role());
    if (!rights.empty()) sql().run("grant " + rights + " on events to " + role());
    return url;
  }
  [[nodiscard]] static Expected denied(const std::string& what) {
    return {ES_ACCESS_DENIED, "42501", false, Outcome::kNotApplied, {"permission denied", what, "roles.sql"}};
  }
};

TEST_F(Grants, NoRightToCreate) {
  Expected denied_create = denied(name());
  denied_create.words = {"permission denied for schema " + name(), "may not create", "all.sql"};
  expect_failure(Store::open(role_url()), denied_create);
  EXPECT_EQ(sql().run("select to_regclass('events')"), "");
}

TEST_F(Grants, NoRightToUseTheSchema) {
  const std::string url = granted("select, insert");
  sql().run("revoke usage on schema " + name() + " from " + role());
  expect_failure(Store::open(url),
                 {ES_STORE_NOT_FOUND, "3F000", false, Outcome::kNotApplied, {"USAGE", "search_path"}});
}

TEST_F(Grants, NoSelect) {
  const std::string url = granted("insert");
  const auto store = Store::open(url);
  ASSERT_TRUE(store.ok()) << store.error().message();
  expect_failure(store->head(), denied("events"));
  expect_failure(store->read_log(), denied("events"));
  expect_failure(append_one(*store, 1), denied("events"));
  EXPECT_EQ(stored(), 0);
}

TEST_F(Grants, NoInsert) {
  const std::string url = granted("select");
  const auto store = Store::open(url);
  ASSERT_TRUE(store.ok()) << store.error().message();
  EXPECT_EQ(store->head().value(), 0);
  expect_failure(append_one(*store, 1), denied("events"));
  expect_failure(append_many(*store, 1, 9, 3), denied("events"));
  EXPECT_EQ(stored(), 0);
}

TEST_F(Grants, NoRightToReadTheIdentity) {
  make_tables();
  const std::string url = role_url();
  sql().run("grant select, insert on events to " + role());
  expect_failure(Store::open(url), denied("eventsource_schema"));
}

TEST_F(Grants, NoRightOnSnapshots) {
  const std::string url = granted("select, insert");
  const Store store = Store::open(url).value();
  expect_failure(store.save_snapshot("Thing", numbered(1), 1, 1, "{}"), denied("snapshots"));
  expect_failure(store.load_snapshot("Thing", numbered(1)), denied("snapshots"));
}

TEST_F(Grants, LostWhileTheStoreIsOpen) {
  const std::string url = granted("select, insert");
  const Store store = Store::open(url).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  sql().run("revoke insert on events from " + role());
  expect_failure(append_one(store, 2), denied("events"));
  sql().run("grant insert on events to " + role());
  EXPECT_TRUE(append_one(store, 2).ok());
  EXPECT_EQ(stored(), 2);
}

// The column's default draws the positions then: in the caller's order all the same.
TEST_F(Grants, NoUsageOfTheSequenceIsNeeded) {
  const std::string url = granted("select, insert");
  ASSERT_EQ(sql().run("select has_sequence_privilege('" + role() + "', 'events_global_position_seq', 'usage')::text"),
            "false");
  const Store store = Store::open(url).value();
  ASSERT_TRUE(append_one(store, 1'000).ok());
  const auto appended = append_many(store, 1, 300, 7);
  ASSERT_TRUE(appended.ok()) << appended.error().message();
  EXPECT_TRUE(std::ranges::is_sorted(appended->positions()));
  std::uint32_t n = 0;
  const Page page = store.read_log({.after = 1}).value();
  for (const Event& event : page) {
    EXPECT_EQ(event.id(), numbered(++n));
    EXPECT_EQ(event.position(), appended->positions()[n - 1]);
    EXPECT_EQ(event.version(), appended->versions()[n - 1]);
  }
  EXPECT_EQ(n, 300U);
}

}  // namespace
}  // namespace eventsource::test
